// Words as nodes: bold where the message says so, links where there are any, never markup.

import { el } from "./dom.js";

const LINK = /https?:\/\/[^\s<>"']+/g;
const TRAILING = /[.,;:!?)\]}»”’]+$/;

/**
 * @param {string} text
 * @param {[number, number][]} bold (start, length) in code points
 * @returns {Node[]}
 */
export function nodes(text, bold = []) {
  const letters = Array.from(text);
  /** @type {Node[]} */
  const out = [];
  let at = 0;
  for (const [start, length] of bold) {
    if (start < at) continue;
    out.push(...linked(letters.slice(at, start).join("")));
    out.push(el("strong", {}, ...linked(letters.slice(start, start + length).join(""))));
    at = start + length;
  }
  out.push(...linked(letters.slice(at).join("")));
  return out;
}

/** @param {string} text @returns {Node[]} */
function linked(text) {
  /** @type {Node[]} */
  const out = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    const url = found[0].replace(TRAILING, "");
    if (!safeUrl(url)) continue;
    if (found.index > at) out.push(document.createTextNode(text.slice(at, found.index)));
    out.push(el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url));
    at = found.index + url.length;
  }
  if (at < text.length) out.push(document.createTextNode(text.slice(at)));
  return out;
}

/** Whether a link leads to a page, and not to a script. @param {string} url */
export function safeUrl(url) {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}
