// The demo's mailbox: mails as they arrive, and one opened: HTML in a closed frame, text, headers, files.

import { byId, el, icon } from "./dom.js";
import { day, number, t, time } from "./language.js";
import { Link } from "./link.js";
import { tab } from "./store.js";

/**
 * @typedef {object} Listed
 * @property {number} id
 * @property {string} at
 * @property {string} sender
 * @property {string} to
 * @property {string} subject
 * @property {number} attachments
 */
/** @typedef {{name: string, type: string, size: number, url: string}} Attachment */
/** @typedef {Listed & {headers: [string, string][], text: string | null, html: string | null, files: Attachment[]}} Mail */
/** @typedef {"as_html" | "as_text" | "as_headers"} Face */

const READ = "balcao-mails-read";

export class Mailbox {
  /** @param {() => void} arrived called when a mail is there that was not */
  constructor(arrived) {
    this.arrived = arrived;
    this.list = byId("mails");
    this.panel = byId("mail");
    /** @type {Map<number, Listed>} */
    this.mails = new Map();
    /** @type {Set<number>} */
    this.read = new Set(tab.get(READ) ?? []);
    this.announced = false;
    /** @type {Mail | null} */
    this.opened = null;
    this.link = new Link(
      "/demo/mail/ws",
      {
        open: () => this.link.send({ after: Math.max(0, ...this.mails.keys()) }),
        frame: (frame) => this.heard(frame),
        state: () => {},
      },
      false,
    );
    document.addEventListener("language", () => this.draw());
  }

  start() {
    this.link.start();
  }

  /** @param {any} frame */
  heard(frame) {
    if (frame.type === "ready") {
      this.link.settle();
      setTimeout(() => (this.announced = true), 500); // what was there before is no news
    } else if (frame.type === "emptied") {
      this.mails.clear();
      this.read.clear();
      this.close();
    } else if (!this.mails.has(frame.id)) {
      this.mails.set(frame.id, frame);
      if (this.announced)
        byId("mail-told").textContent = t("mail_arrived", { subject: frame.subject });
      this.draw();
      this.arrived();
    }
  }

  unread() {
    return [...this.mails.keys()].filter((id) => !this.read.has(id)).length;
  }

  drawBadges() {
    const count = this.unread();
    for (const id of ["unread", "unread-wide"]) {
      const badge = byId(id);
      badge.hidden = count === 0;
      badge.textContent = String(count);
    }
  }

  // ------------------------------------------------------------------ the list

  draw() {
    byId("no-mail").hidden = this.mails.size > 0;
    const newest = [...this.mails.values()].sort((a, b) => b.id - a.id);
    const focused = document.activeElement?.getAttribute("data-mail");
    this.list.replaceChildren(...newest.map((mail) => this.row(mail)));
    if (focused) this.focus(Number(focused));
    this.drawBadges();
    if (this.opened) this.drawMail(this.opened);
  }

  /** @param {Listed} mail */
  row(mail) {
    const unread = !this.read.has(mail.id);
    const button = el(
      "button",
      {
        type: "button",
        class: unread ? "mail-row unread" : "mail-row",
        "data-mail": String(mail.id),
        onclick: () => this.open(mail.id),
      },
      el("span", { class: "mail-from" }, name(mail.sender)),
      el("time", { class: "mail-time", datetime: mail.at }, time(mail.at)),
      el("span", { class: "mail-subject" }, mail.subject || t("no_subject")),
      mail.attachments > 0 &&
        el(
          "span",
          { class: "mail-clip" },
          icon("clip"),
          el("span", { class: "sr-only" }, `${mail.attachments} ${t("files")}`),
        ),
      el("span", { class: "mail-to" }, `${t("to")}: ${mail.to}`),
    );
    if (this.opened?.id === mail.id) button.setAttribute("aria-current", "true");
    return el("li", {}, button);
  }

  /** @param {number} id */
  focus(id) {
    const row = this.list.querySelector(`[data-mail="${id}"]`);
    if (row instanceof HTMLElement) row.focus();
  }

  // ------------------------------------------------------------------ one mail

  /** @param {number} id */
  async open(id) {
    const answer = await fetch(`/demo/mail/${id}`).catch(() => null);
    this.read.add(id);
    tab.set(READ, [...this.read]);
    if (!answer?.ok) {
      this.panel.replaceChildren(this.backButton(), el("p", { class: "none" }, t("mail_gone")));
    } else {
      this.opened = /** @type {Mail} */ (await answer.json());
      this.face = /** @type {Face} */ (this.opened.html ? "as_html" : "as_text");
      this.draw();
    }
    this.panel.hidden = false;
    byId("mailbox").dataset.open = "true";
    this.panel.focus();
  }

  close() {
    const id = this.opened?.id;
    this.opened = null;
    this.panel.hidden = true;
    delete byId("mailbox").dataset.open;
    this.draw();
    if (id) this.focus(id);
  }

  backButton() {
    return el(
      "button",
      { type: "button", class: "mail-back", onclick: () => this.close() },
      icon("back"),
      el("span", {}, t("back_to_list")),
    );
  }

  /** @param {Mail} mail */
  drawMail(mail) {
    const faces = /** @type {Face[]} */ (
      [mail.html && "as_html", mail.text !== null && "as_text", "as_headers"].filter(Boolean)
    );
    const tabs = el("div", { class: "faces", role: "group", "aria-label": t("mail_body") });
    for (const face of faces) {
      const props = {
        type: "button",
        class: "face",
        "aria-pressed": String(face === this.face),
        onclick: () => this.turn(mail, face),
      };
      tabs.append(el("button", props, t(face)));
    }
    this.panel.replaceChildren(
      this.backButton(),
      el("h3", { class: "mail-title", id: "mail-subject" }, mail.subject || t("no_subject")),
      el(
        "dl",
        { class: "mail-head" },
        el("dt", {}, t("from")),
        el("dd", {}, mail.sender),
        el("dt", {}, t("to")),
        el("dd", {}, mail.to),
        el("dd", { class: "mail-when" }, `${day(mail.at, new Date())}, ${time(mail.at)}`),
      ),
      ...this.files(mail.files),
      tabs,
      this.body(mail),
    );
  }

  /** @param {Mail} mail @param {Face} face */
  turn(mail, face) {
    this.face = face;
    this.drawMail(mail);
    const pressed = this.panel.querySelector(".face[aria-pressed='true']");
    if (pressed instanceof HTMLElement) pressed.focus();
  }

  /** @param {Mail} mail */
  body(mail) {
    if (this.face === "as_html" && mail.html) {
      const sandbox = "allow-popups allow-popups-to-escape-sandbox";
      return el("iframe", {
        class: "mail-html",
        title: t("mail_body"),
        sandbox,
        src: mail.html,
        referrerpolicy: "no-referrer",
      });
    }
    const words =
      this.face === "as_headers"
        ? mail.headers.map(([name, value]) => `${name}: ${value}`).join("\n")
        : (mail.text ?? "");
    return el(
      "pre",
      { class: "mail-text", tabindex: "0", role: "region", "aria-label": t("mail_body") },
      words,
    );
  }

  /** @param {Attachment[]} files */
  files(files) {
    if (files.length === 0) return [];
    const list = el("ul", { class: "mail-files", "aria-label": t("files") });
    for (const file of files) {
      list.append(
        el(
          "li",
          { class: "mail-file" },
          icon("file"),
          el("span", { class: "mail-file-name" }, file.name, el("small", {}, size(file.size))),
          el(
            "a",
            {
              href: file.url,
              target: "_blank",
              rel: "noopener",
              "aria-label": `${t("open_file")}: ${file.name}`,
            },
            icon("open"),
          ),
          el(
            "a",
            {
              href: `${file.url}?download`,
              download: file.name,
              "aria-label": `${t("download")}: ${file.name}`,
            },
            icon("download"),
          ),
        ),
      );
    }
    return [list];
  }
}

/** @param {string} sender `Name <address>` */
function name(sender) {
  return sender.replace(/\s*<[^>]*>$/, "").replace(/^"|"$/g, "") || sender;
}

/** @param {number} bytes */
function size(bytes) {
  return bytes < 1024 * 1024
    ? `${number(Math.max(1, Math.round(bytes / 1024)))} kB`
    : `${number(Math.round(bytes / 1024 / 102.4) / 10)} MB`;
}
