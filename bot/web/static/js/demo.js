// The demo page around the chat: its rooms, who one can be, and the mailbox.

import { byId, el } from "./dom.js";
import { copy } from "./copy.js";
import { t } from "./language.js";
import { Mailbox } from "./mailbox.js";

/** Show a room: on a phone one of three, on a desktop the chat and one of two beside it. @param {string} name */
function enter(name) {
  document.body.dataset.shown = name;
  if (name !== "chat") document.body.dataset.side = name;
  const side = document.body.dataset.side ?? "mail";
  for (const pane of /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll(".pane-side [data-pane]")
  )) {
    pane.hidden = pane.dataset.pane !== side;
  }
  for (const button of document.querySelectorAll(".room"))
    button.setAttribute("aria-pressed", String(button.getAttribute("data-room") === name));
  for (const button of document.querySelectorAll(".side-tab"))
    button.setAttribute("aria-pressed", String(button.getAttribute("data-room") === side));
}

/** A mail is there: show it beside the chat, unless the person is busy with what is shown. */
function mailArrived() {
  const wide = matchMedia("(min-width: 860px)").matches;
  if (wide && !document.querySelector(".people:focus-within")) enter("mail");
}

const mailbox = new Mailbox(mailArrived);
for (const button of document.querySelectorAll("[data-room]")) {
  button.addEventListener("click", () => enter(button.getAttribute("data-room") ?? "chat"));
}
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (
  document.querySelectorAll(".copy-id")
)) {
  const name = button.closest(".persona")?.querySelector(".persona-name")?.textContent ?? "";
  const label = () =>
    button.setAttribute("aria-label", `${t("copy_id", { name })}: ${button.dataset.copy}`);
  const told = el("span", { class: "copy-told", "data-t": "copy" }, t("copy"));
  button.append(told);
  button.addEventListener("click", () =>
    copy(button, button.dataset.copy ?? "", button.querySelector("code")),
  );
  document.addEventListener("language", label);
  label();
}
byId("mailbox").append(el("div", { class: "sr-only", id: "mail-told", role: "status" }));
// Who one can be is the first thing to know; from the first mail on it is the mailbox.
document.body.dataset.side = "people";
mailbox.start();
enter("chat");
