// The language of the page: asked for in the address, else the browser's, then the counter's own.

import { WORDS } from "./i18n.js";
import { tab } from "./store.js";

/** @typedef {import("./types.js").Locale} Locale */
/** @typedef {keyof typeof WORDS.pt_BR} Word */

const TAGS = { pt_BR: "pt-BR", en: "en", es: "es" };

/** @type {Locale} */
let current = "pt_BR";

/** @param {string | null | undefined} code @returns {Locale | null} the offered locale nearest to `pt`, `en-GB` … */
export function offered(code) {
  const language = (code ?? "").split(/[-_]/)[0].toLowerCase();
  return (
    /** @type {Record<string, Locale>} */ ({ pt: "pt_BR", en: "en", es: "es" })[language] ?? null
  );
}

/** @param {string} fallback the brand's locale */
export function firstLanguage(fallback) {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, tab.get("balcao-language"), ...navigator.languages, fallback];
  return wanted.map(offered).find((each) => each !== null) ?? "pt_BR";
}

/** @returns {Locale} */
export function language() {
  return current;
}

/** Speak another language from now on. @param {Locale} locale */
export function speak(locale) {
  current = locale;
  tab.set("balcao-language", locale);
  document.documentElement.lang = TAGS[locale];
  relabel(document);
  document.dispatchEvent(new CustomEvent("language"));
}

/** @param {string} code @returns {string} as HTML calls it */
export function tag(code) {
  return TAGS[offered(code) ?? current];
}

/** @param {Word} word @param {Record<string, string | number>} [values] */
export function t(word, values = {}) {
  return WORDS[current][word].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Fill in what is marked with `data-t`, `data-t-label`, `data-t-placeholder`. @param {ParentNode} root */
export function relabel(root) {
  for (const each of root.querySelectorAll("[data-t]")) each.textContent = word(each, "data-t");
  for (const each of root.querySelectorAll("[data-t-label]"))
    each.setAttribute("aria-label", word(each, "data-t-label"));
  for (const each of root.querySelectorAll("[data-t-placeholder]"))
    each.setAttribute("placeholder", word(each, "data-t-placeholder"));
}

/** @param {Element} element @param {string} attribute */
function word(element, attribute) {
  const values = element.getAttribute("data-t-values");
  return t(/** @type {Word} */ (element.getAttribute(attribute)), values ? JSON.parse(values) : {});
}

/** @param {number} value */
export function number(value) {
  return value.toLocaleString(TAGS[current], { useGrouping: true });
}

/** Time of day. @param {string} at */
export function time(at) {
  return new Date(at).toLocaleTimeString(TAGS[current], { hour: "2-digit", minute: "2-digit" });
}

/** Today, yesterday, or the date. @param {string} at @param {Date} now */
export function day(at, now) {
  const date = new Date(at);
  const before = new Date(now);
  before.setDate(now.getDate() - 1);
  if (date.toDateString() === now.toDateString()) return t("today");
  if (date.toDateString() === before.toDateString()) return t("yesterday");
  /** @type {Intl.DateTimeFormatOptions} */
  const shape = { day: "numeric", month: "long" };
  if (date.getFullYear() !== now.getFullYear()) shape.year = "numeric";
  return date.toLocaleDateString(TAGS[current], shape);
}
