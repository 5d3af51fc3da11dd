// The conversation on the screen: rows appended in order, the place one reads kept, days between.

import { announce, byId, el } from "./dom.js";
import { day, t, time } from "./language.js";
import { drawOptions, drawState, heardRow, saidRow } from "./message.js";

/** @typedef {import("./types.js").Entry} Entry */
/** @typedef {import("./types.js").Heard} Heard */
/** @typedef {import("./types.js").Said} Said */

const NEAR = 80;

export class View {
  /**
   * @param {string} brand
   * @param {object} on
   * @param {import("./message.js").OnPress} on.press
   * @param {(entry: Said) => void} on.again
   */
  constructor(brand, on) {
    this.brand = brand;
    this.on = on;
    this.log = byId("log");
    this.scroll = byId("scroll");
    this.typingSign = byId("typing");
    this.jump = byId("jump");
    this.lastDay = "";
    this.unread = 0;
    this.stuck = true;
    this.scroll.addEventListener("scroll", () => this.look(), { passive: true });
    this.jump.addEventListener("click", () => this.toEnd(true));
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.scroll);
    // A picture that arrives late must not push the end out of sight.
    this.log.addEventListener("load", () => this.stuck && this.toEnd(), true);
    document.addEventListener("language", () => this.redate());
  }

  /** @param {Entry[]} entries all there is, at once and without telling a screen reader */
  restore(entries) {
    this.log.setAttribute("aria-live", "off");
    this.log.replaceChildren();
    this.lastDay = "";
    for (const entry of entries) this.add(entry);
    this.toEnd();
  }

  /** From now on what is new is told. */
  live() {
    this.log.setAttribute("aria-live", "polite");
  }

  /** @param {Entry} entry */
  add(entry) {
    if (entry.kind === "said" && !entry.text) return;
    const at = entry.kind === "heard" ? entry.message.at : entry.at;
    this.separate(at);
    const row =
      entry.kind === "heard"
        ? heardRow(entry, this.brand, this.on.press)
        : saidRow(entry, this.on.again);
    const before = this.log.lastElementChild;
    const kind = entry.kind === "heard" ? "heard" : "said";
    if (before?.classList.contains(kind)) before.classList.add("followed");
    this.log.append(row);
    if (this.stuck || entry.kind === "said") this.toEnd();
    else if (entry.kind === "heard") this.count();
  }

  /** @param {string} at */
  separate(at) {
    const date = new Date(at).toDateString();
    if (date === this.lastDay) return;
    this.lastDay = date;
    this.log.append(
      el("li", { class: "day", "data-day": at }, el("span", {}, day(at, new Date()))),
    );
  }

  /** The words of days and times in another language. */
  redate() {
    for (const each of this.log.querySelectorAll("[data-day]")) {
      const words = each.firstElementChild;
      if (words) words.textContent = day(each.getAttribute("data-day") ?? "", new Date());
    }
    for (const each of this.log.querySelectorAll("time")) each.textContent = time(each.dateTime);
  }

  /** @param {Said} entry */
  state(entry) {
    const row = this.log.querySelector(`[data-said="${entry.id}"]`);
    if (row instanceof HTMLElement) drawState(row, entry, this.on.again);
  }

  /** @param {Heard} entry @param {boolean} open */
  options(entry, open) {
    const row = this.log.querySelector(`[data-id="${entry.message.id}"]`);
    if (row instanceof HTMLElement) drawOptions(row, entry, open);
  }

  /** @param {string} id of an own word that must not stay */
  remove(id) {
    this.log.querySelector(`[data-said="${id}"]`)?.remove();
  }

  /** @param {string} id */
  focus(id) {
    const row = this.log.querySelector(`[data-said="${id}"]`);
    if (row instanceof HTMLElement) row.focus({ preventScroll: true });
  }

  /** @param {boolean} on */
  typing(on) {
    this.typingSign.hidden = !on;
    if (this.stuck) this.toEnd();
  }

  look() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroll;
    this.stuck = scrollTop + clientHeight > scrollHeight - NEAR;
    if (this.stuck) this.unread = 0;
    this.drawJump();
  }

  count() {
    this.unread += 1;
    this.drawJump();
  }

  drawJump() {
    this.jump.hidden = this.stuck;
    byId("jump-words").textContent = this.unread ? t("new_messages", { count: this.unread }) : "";
    this.jump.setAttribute(
      "aria-label",
      this.unread
        ? `${t("new_messages", { count: this.unread })}. ${t("to_the_end")}`
        : t("to_the_end"),
    );
  }

  /** @param {boolean} [smooth] */
  toEnd(smooth = false) {
    this.stuck = true;
    this.unread = 0;
    this.drawJump();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroll.scrollTo({
      top: this.scroll.scrollHeight,
      behavior: smooth && !calm ? "smooth" : "instant",
    });
  }

  /** Words of a press's answer that is no message. @param {string} words */
  note(words) {
    const note = el("div", { class: "note" }, words);
    this.jump.before(note);
    announce(words);
    setTimeout(() => note.remove(), 5000);
  }
}
