// Copying, with what is left where the browser does not let us.

import { announce, setIcon } from "./dom.js";
import { t } from "./language.js";

/** @param {string} value @returns {Promise<boolean>} whether it is in the clipboard */
async function toClipboard(value) {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    return byCommand(value); // no https, or not permitted in this frame
  }
}

/** @param {string} value */
function byCommand(value) {
  const area = document.createElement("textarea");
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  area.value = value;
  area.readOnly = true;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return done;
}

/**
 * Copy and say so on the button; if nothing works, select the value for the person to copy.
 * @param {HTMLButtonElement} button whose first span is its words
 * @param {string} value
 * @param {Element | null} [shown] where the value can be selected
 */
export async function copy(button, value, shown = null) {
  const words = button.querySelector("span");
  if (await toClipboard(value)) {
    if (words && !button.classList.contains("done")) button.dataset.words = words.textContent ?? "";
    setIcon(button, "check");
    button.classList.add("done");
    if (words) words.textContent = t("copied");
    announce(t("copied_told"));
    setTimeout(() => {
      setIcon(button, "copy");
      button.classList.remove("done");
      if (words)
        words.textContent = words.hasAttribute("data-t") ? t("copy") : (button.dataset.words ?? "");
    }, 2500);
  } else if (shown) {
    getSelection()?.selectAllChildren(shown);
    announce(t("copy_by_hand"));
  }
}
