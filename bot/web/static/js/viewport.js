// The height that is left above a phone's keyboard, where CSS alone does not know it (iOS).

export function followKeyboard() {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    if (view.scale > 1.01) return; // zoomed in by the person, which is no keyboard
    document.documentElement.style.setProperty("--height", `${Math.round(view.height)}px`);
    if (view.offsetTop > 0) scrollTo(0, 0);
  };
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
  fit();
}
