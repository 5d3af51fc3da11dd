// What a page owes everybody: names, labels, contrast, room to touch. Run in the page; returns what is missing.
() => {
  const problems = [];
  const shown = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const describe = (element) => element.outerHTML.slice(0, 120);

  // Names of what can be used (WCAG 2.2: 4.1.2, 1.1.1, 3.3.2).
  for (const element of document.querySelectorAll(
    "button, a[href], textarea, input, iframe, [role=log], [role=group], [role=region]",
  )) {
    if (!shown(element)) continue;
    const labels = element.labels
      ? Array.from(element.labels, (label) => label.textContent).join("")
      : "";
    const by = (element.getAttribute("aria-labelledby") ?? "")
      .split(" ")
      .map((id) => document.getElementById(id)?.textContent ?? "")
      .join("");
    const inside = element.matches("button, a")
      ? element.textContent + (element.querySelector("img")?.alt ?? "")
      : "";
    const name = element.getAttribute("aria-label") || by || labels || inside || element.title;
    if (!name.trim()) problems.push(`no name: ${describe(element)}`);
  }
  for (const image of document.images)
    if (!image.alt) problems.push(`no words: ${describe(image)}`);
  for (const icon of document.querySelectorAll("svg"))
    if (icon.getAttribute("aria-hidden") !== "true")
      problems.push(`an icon is told: ${describe(icon)}`);

  // One main, one h1, ids once, a language.
  for (const [what, count] of [
    ["main", 1],
    ["h1", 1],
  ]) {
    const found = document.querySelectorAll(what).length;
    if (found !== count) problems.push(`${found} of ${what}`);
  }
  const ids = Array.from(document.querySelectorAll("[id]"), (element) => element.id);
  for (const id of ids)
    if (ids.filter((each) => each === id).length > 1) problems.push(`id twice: ${id}`);
  if (!document.documentElement.lang) problems.push("no language");

  // Room to touch (2.5.8 asks 24 pixels; a thumb likes 44).
  for (const element of document.querySelectorAll("button")) {
    if (!shown(element)) continue;
    const { width, height } = element.getBoundingClientRect();
    if (!element.matches(".again, .chosen") && (width < 40 || height < 40))
      problems.push(`too small, ${width} by ${height}: ${describe(element)}`);
  }

  // Contrast of words (1.4.3).
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([red, green, blue]) => {
    const linear = [red, green, blue].map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = channels(getComputedStyle(each).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (
      !texts.currentNode.textContent.trim() ||
      !shown(element) ||
      element.closest("noscript, .sr-only, :disabled")
    )
      continue;
    const [light, dark] = [
      luminance(channels(getComputedStyle(element).color)),
      luminance(ground(element)),
    ].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) problems.push(`contrast ${contrast.toFixed(2)}: ${describe(element)}`);
  }

  // Nothing wider than the screen.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width)
    problems.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const element of document.querySelectorAll("#scroll, .log *, .mailbox *, .people *")) {
    if (
      shown(element) &&
      !element.closest(".sr-only, svg") &&
      element.getBoundingClientRect().right > width + 1
    )
      problems.push(`out of the screen: ${describe(element)}`);
  }
  return problems;
};
