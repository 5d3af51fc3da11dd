// Where one writes: Enter sends, Shift+Enter is a new line, nothing too long is lost.

import { byId } from "./dom.js";
import { number, t } from "./language.js";
import { MOST_LETTERS } from "./types.js";

const TALLEST = 140;

export class Composer {
  /** @param {(text: string) => void} onSend */
  constructor(onSend) {
    this.form = /** @type {HTMLFormElement} */ (byId("composer"));
    this.words = /** @type {HTMLTextAreaElement} */ (byId("words"));
    this.button = /** @type {HTMLButtonElement} */ (byId("send"));
    this.warning = byId("too-long");
    this.onSend = onSend;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.words.addEventListener("input", () => this.fit());
    this.words.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    // The keyboard of a phone stays open: pressing Send must not take the focus away.
    this.button.addEventListener("pointerdown", (event) => event.preventDefault());
    document.addEventListener("language", () => this.fit());
    this.fit();
  }

  send() {
    const text = this.words.value.trim();
    if (!text || this.tooLong(text)) return;
    this.words.value = "";
    this.fit();
    this.onSend(text);
    this.focusIfHandy();
  }

  /** @param {string} text */
  tooLong(text) {
    return text.length > MOST_LETTERS && Array.from(text).length > MOST_LETTERS;
  }

  fit() {
    this.words.style.height = "auto";
    this.words.style.height = `${Math.min(this.words.scrollHeight, TALLEST)}px`;
    const text = this.words.value.trim();
    const long = this.tooLong(text);
    this.warning.textContent = long ? t("too_long", { limit: number(MOST_LETTERS) }) : "";
    this.words.setAttribute("aria-invalid", String(long));
    this.button.disabled = !text || long;
  }

  /** Nothing more can be said here. */
  close() {
    this.words.value = "";
    this.words.disabled = true;
    this.fit();
  }

  /** With a mouse and a keyboard the next thing one does is write. */
  focusIfHandy() {
    if (matchMedia("(hover: hover) and (pointer: fine)").matches)
      this.words.focus({ preventScroll: true });
  }
}
