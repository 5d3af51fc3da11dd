// The head of the chat: how the connection is, the theme, the language, leaving; and the banner below.

import { byId, el, setIcon } from "./dom.js";
import { language, t } from "./language.js";

/** @typedef {import("./types.js").Locale} Locale */
/** @typedef {import("./language.js").Word} Word */

export class Head {
  /**
   * @param {object} on
   * @param {(locale: Locale, name: string) => void} on.language
   * @param {() => void} on.leave
   */
  constructor(on) {
    this.status = byId("status");
    this.banner = byId("banner");
    this.drawer = byId("drawer");
    this.more = byId("more");
    this.theme = byId("theme");
    this.theme.addEventListener("click", () => this.switchTheme());
    this.more.addEventListener("click", () => this.toggle(this.drawer.hidden));
    byId("leave").addEventListener("click", () => {
      this.toggle(false);
      on.leave();
    });
    for (const button of this.drawer.querySelectorAll("[data-language]")) {
      button.addEventListener("click", () => {
        this.toggle(false);
        this.more.focus();
        on.language(
          /** @type {Locale} */ (button.getAttribute("data-language")),
          button.textContent ?? "",
        );
      });
    }
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.drawer.hidden) return;
      this.toggle(false);
      this.more.focus();
    });
    document.addEventListener("pointerdown", (event) => {
      const target = /** @type {Node} */ (event.target);
      if (!this.drawer.contains(target) && !this.more.contains(target)) this.toggle(false);
    });
    new MutationObserver(() => this.drawTheme()).observe(document.documentElement, {
      attributeFilter: ["data-theme"],
    });
    document.addEventListener("language", () => this.drawLanguage());
    this.drawTheme();
    this.drawLanguage();
  }

  /** @param {boolean} open */
  toggle(open) {
    this.drawer.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
    if (open) this.drawer.querySelector("button")?.focus();
  }

  switchTheme() {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("balcao-theme", theme);
    } catch {
      // Storage is switched off: it holds until the page is loaded again.
    }
  }

  drawTheme() {
    setIcon(this.theme, document.documentElement.dataset.theme === "dark" ? "sun" : "moon");
  }

  drawLanguage() {
    for (const button of this.drawer.querySelectorAll("[data-language]")) {
      button.setAttribute(
        "aria-pressed",
        String(button.getAttribute("data-language") === language()),
      );
    }
  }

  /** @param {Word} word @param {boolean} well */
  say(word, well) {
    this.status.dataset.t = word;
    this.status.textContent = t(word);
    this.status.dataset.well = String(well);
  }

  /** @param {Word | null} word what is the matter, or null @param {{word: Word, press: () => void}} [way] out of it */
  tell(word, way) {
    this.banner.hidden = word === null;
    this.banner.replaceChildren();
    if (!word) return;
    this.banner.append(el("span", { "data-t": word }, t(word)));
    if (way)
      this.banner.append(
        el("button", { type: "button", "data-t": way.word, onclick: way.press }, t(way.word)),
      );
  }
}
