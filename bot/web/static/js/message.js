// One message as it is drawn: its words, a value to copy, a document, the options below it.

import { copy } from "./copy.js";
import { el, icon } from "./dom.js";
import { number, tag, t, time } from "./language.js";
import { nodes, safeUrl } from "./text.js";
import { MOST_LETTERS } from "./types.js";

/** @typedef {import("./types.js").Heard} Heard */
/** @typedef {import("./types.js").Said} Said */
/** @typedef {import("./types.js").File} File */
/** @type {Record<string, import("./language.js").Word>} why an own word was not taken */
const FAILED = { malformed: "malformed", no_file: "file_not_there" };

/** @typedef {(entry: Heard, data: string, label: string, button: HTMLButtonElement) => void} OnPress */

/** @param {Heard} entry @param {string} brand @param {OnPress} onPress */
export function heardRow(entry, brand, onPress) {
  const { message } = entry;
  const bubble = el("div", { class: "bubble", lang: tag(message.locale) });
  bubble.append(
    el(
      "span",
      { class: "sr-only", "data-t": "they_said", "data-t-values": JSON.stringify({ brand }) },
      t("they_said", { brand }),
    ),
  );
  if (message.copyable) bubble.append(...value(message.text));
  else {
    if (message.document) bubble.append(attached(message.document));
    if (message.text)
      bubble.append(el("p", { class: "text" }, ...nodes(message.text, message.bold)));
  }
  const row = el(
    "li",
    { class: "row heard", "data-id": String(message.id) },
    bubble,
    meta(message.at),
  );
  if (message.copyable) bubble.classList.add("value");
  if (message.buttons?.length) row.append(...options(entry, onPress));
  return row;
}

/** @param {Said} entry @param {(entry: Said) => void} onAgain */
export function saidRow(entry, onAgain) {
  const row = el(
    "li",
    { class: "row said", "data-said": entry.id, tabindex: "-1" },
    el(
      "div",
      { class: "bubble" },
      el("span", { class: "sr-only", "data-t": "you_said" }, t("you_said")),
      entry.file
        ? el("p", { class: "text sent-file" }, icon("clip"), entry.text)
        : el("p", { class: "text" }, ...nodes(entry.text)),
    ),
    meta(entry.at),
  );
  drawState(row, entry, onAgain);
  return row;
}

/** The line below a bubble. @param {string} at */
function meta(at) {
  return el("div", { class: "meta" }, el("time", { datetime: at }, time(at)));
}

/** @param {HTMLElement} row @param {Said} entry @param {(entry: Said) => void} onAgain */
export function drawState(row, entry, onAgain) {
  row.dataset.state = entry.state;
  row.querySelector(".state")?.remove();
  const words = el("span", { class: "state" });
  if (entry.state === "failed") {
    const why =
      entry.why === "too_long"
        ? t("too_long", { limit: number(MOST_LETTERS) })
        : t(FAILED[entry.why ?? ""] ?? "unavailable");
    words.append(icon("alert"), el("span", {}, `${t("failed")}. ${why}`));
    if (entry.why !== "too_long" && entry.why !== "no_file" && entry.out) {
      words.append(
        el("button", { type: "button", class: "again", onclick: () => onAgain(entry) }, t("again")),
      );
    }
  } else {
    words.append(
      icon(entry.state === "pending" ? "clock" : "check"),
      el("span", { class: "sr-only" }, t(entry.state)),
    );
  }
  row.querySelector(".meta")?.append(words);
}

/** A value alone, to be copied whole; an address can be followed too. @param {string} text */
function value(text) {
  const code = /^https?:\/\//.test(text)
    ? el("a", { class: "value-text", href: text, target: "_blank", rel: "noopener" }, text)
    : el("code", { class: "value-text", tabindex: "0" }, text);
  const button = el(
    "button",
    { type: "button", class: "value-copy" },
    icon("copy"),
    el("span", { "data-t": "copy" }, t("copy")),
  );
  button.addEventListener("click", () => copy(button, text, code));
  return [code, button];
}

/** @param {File} file */
function attached(file) {
  if (file.type.startsWith("image/")) {
    const alt = file.kind === "pix-qr" ? t("qr") : t("image", { name: file.name });
    const picture = el("img", {
      class: "picture",
      src: file.url,
      alt,
      width: "260",
      height: "260",
      decoding: "async",
    });
    // Documents are drawn when they are looked at: one may be gone, as a paid invoice's code is.
    picture.addEventListener("error", () => {
      picture.replaceWith(el("p", { class: "picture-gone", "data-t": "gone" }, t("gone")));
    });
    return el(
      "a",
      { class: "picture-frame", href: file.url, target: "_blank", rel: "noopener" },
      picture,
    );
  }
  const kind = (file.name.split(".").pop() ?? "").slice(0, 4).toUpperCase();
  return el(
    "div",
    { class: "file" },
    el("span", { class: "file-kind", "aria-hidden": "true" }, icon("file"), kind),
    el("span", { class: "file-name" }, file.name),
    el(
      "span",
      { class: "file-actions" },
      el(
        "a",
        { class: "file-action", href: file.url, target: "_blank", rel: "noopener" },
        icon("open"),
        el("span", { "data-t": "open_file" }, t("open_file")),
      ),
      el(
        "a",
        { class: "file-action", href: `${file.url}?download`, download: file.name },
        icon("download"),
        el("span", { "data-t": "download" }, t("download")),
      ),
    ),
  );
}

/** @param {Heard} entry @param {OnPress} onPress @returns {Node[]} */
function options(entry, onPress) {
  const { message } = entry;
  const all = message.buttons ?? [];
  const plain = all.filter(([, , kind]) => kind !== "nav");
  const nav = all.filter(([, , kind]) => kind === "nav");
  const rich = plain.some(([label, , , detail]) => detail || label.length > 28) || plain.length > 5;
  /** @type {Node[]} */
  const groups = [];
  for (const [buttons, name] of /** @type {const} */ ([
    [plain, rich ? "options rows" : "options chips"],
    [nav, "options nav"],
  ])) {
    if (buttons.length === 0) continue;
    const group = el("div", {
      class: name,
      role: "group",
      "data-t-label": "options",
      "aria-label": t("options"),
    });
    group.append(...buttons.map((button) => option(entry, button, onPress)));
    groups.push(group);
  }
  return groups;
}

/**
 * @param {Heard} entry
 * @param {[string, string, string, string]} button
 * @param {OnPress} onPress
 */
function option(entry, [label, data, kind, detail], onPress) {
  const words = [
    el("span", { class: "option-label" }, label),
    detail && el("span", { class: "option-detail" }, detail),
  ];
  if (kind === "link") {
    if (!safeUrl(data)) return el("span", { class: "option" }, ...words);
    return el(
      "a",
      {
        class: "option link",
        href: data,
        target: "_blank",
        rel: "noopener noreferrer",
        lang: tag(entry.message.locale),
      },
      icon("link"),
      ...words,
    );
  }
  const button = el(
    "button",
    { type: "button", class: `option ${kind}`, lang: tag(entry.message.locale) },
    ...words,
  );
  if (kind === "copy") {
    button.prepend(icon("copy"));
    button.addEventListener("click", () => copy(button, data));
  } else {
    button.dataset.data = data;
    button.addEventListener("click", () => onPress(entry, data, label, button));
  }
  return button;
}

/**
 * Open or close the options of a message; of a closed one the chosen option stays marked.
 * @param {HTMLElement} row
 * @param {Heard} entry
 * @param {boolean} open
 */
export function drawOptions(row, entry, open) {
  row.classList.toggle("closed", !open);
  for (const button of row.querySelectorAll("button.option:not(.copy)")) {
    /** @type {HTMLButtonElement} */ (button).disabled = !open;
    const chosen =
      !open &&
      !!entry.chosen &&
      button.querySelector(".option-label")?.textContent === entry.chosen &&
      !button.matches(".nav");
    button.classList.toggle("chosen", chosen);
    button.querySelector(".mark")?.remove();
    if (chosen)
      button.append(
        el(
          "span",
          { class: "mark" },
          icon("check"),
          el("span", { class: "sr-only" }, ` (${t("chosen")})`),
        ),
      );
  }
}
