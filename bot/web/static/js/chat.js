// The chat: it hears the counter, sends what is said one by one until each is acknowledged, and forgets nothing.

import { Attach } from "./attach.js";
import { Composer } from "./composer.js";
import { byId, drawIcons } from "./dom.js";
import { Head } from "./head.js";
import { firstLanguage, language, offered, speak } from "./language.js";
import { Link } from "./link.js";
import { Outbox } from "./outbox.js";
import { newId } from "./store.js";
import { Tabs } from "./tabs.js";
import { Transcript } from "./transcript.js";
import { View } from "./view.js";
import { followKeyboard } from "./viewport.js";

/** @typedef {import("./types.js").Heard} Heard */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Outgoing} Outgoing */
/** @typedef {import("./types.js").Said} Said */

const VERSION = 1;
const ANSWER = 20_000;
const AFTER_ACK = 5_000;
const TELL_LOSS = 1_500;
const RECEIPT = 400;
const MOST_RECEIPTS = 100;
const DOUBLE_CLICK = 1_000;

class Chat {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.path = root.dataset.path ?? "/chat";
    this.title = document.title;
    this.transcript = new Transcript(this.path);
    this.view = new View(root.dataset.brand ?? "", {
      press: (entry, data, label, button) => this.press(entry, data, label, button),
      again: (entry) => this.outbox.again(entry),
    });
    this.composer = new Composer((text) => this.say({ type: "say", id: newId(), text }, text));
    this.attach = new Attach(`${this.path}/upload`, ({ ref, name }) =>
      this.say({ type: "file", id: newId(), ref, label: name }, name, true),
    );
    this.head = new Head({
      language: (locale, name) => this.translate(locale, name),
      leave: () => this.leave(),
    });
    this.tabs = new Tabs(this.path, this.transcript, {
      said: (entry) => this.overheard(entry),
      left: () => this.gone(),
    });
    this.link = new Link(`${this.path}/ws`, {
      open: () =>
        this.link.send({
          type: "hello",
          v: VERSION,
          seen: this.transcript.seen(),
          locale: language(),
        }),
      frame: (frame) => this.heard(frame),
      state: (state, code) => this.connection(state, code),
    });
    this.outbox = new Outbox(this.transcript, {
      send: (out) => this.link.send(out),
      state: (entry) => this.sent(entry),
      silence: () => this.link.lose(1006),
    });
    this.triedCookie = false;
    this.typingEnd = 0;
    this.lossTimer = 0;
    /** @type {number[]} */
    this.receipts = [];
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible") return;
      document.title = this.title;
      this.unreadTitle = 0;
      this.greet();
    });
    this.unreadTitle = 0;
  }

  async start() {
    if (this.transcript.entries.length === 0) {
      const other = await this.tabs.ask();
      if (other) this.transcript.adopt(other);
    }
    this.view.restore(this.transcript.entries);
    this.drawQuestions();
    this.link.start();
    this.composer.focusIfHandy();
  }

  // ------------------------------------------------------------------ the connection

  /** @param {import("./link.js").LinkState} state @param {number} code */
  connection(state, code) {
    if (state === "open" || state === "ended") {
      clearTimeout(this.lossTimer);
      this.lossTimer = 0;
    }
    if (state === "open") {
      this.head.say("online", true);
      this.head.tell(null);
      return;
    }
    this.outbox.pause();
    this.quiet();
    if (state === "ended") {
      this.ended(code);
      return;
    }
    this.head.say("connecting", false);
    if (state === "lost" && !this.lossTimer) {
      // A short loss is nobody's business.
      this.lossTimer = setTimeout(() => this.tellLoss(), navigator.onLine ? TELL_LOSS : 0);
    }
  }

  tellLoss() {
    this.head.tell(navigator.onLine ? "restarting" : "offline");
  }

  /** @param {number} code */
  async ended(code) {
    this.head.say("closed", false);
    if (code === 4401 && !this.triedCookie) {
      this.triedCookie = true;
      await fetch(this.path, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
      this.link.start();
    } else if (code === 4401) {
      this.head.tell("no_cookie", { word: "reload", press: () => location.reload() });
    } else if (code === 4409) {
      this.head.tell("replaced", { word: "use_here", press: () => this.link.start() });
    } else if (code === 4400) {
      this.head.tell("old_page", { word: "reload", press: () => location.reload() });
    } else {
      this.gone();
    }
  }

  /** @param {any} frame */
  heard(frame) {
    switch (frame.type) {
      case "message":
        return this.message(frame);
      case "ready":
        return this.resumed(frame.who);
      case "ack":
        return this.outbox.acknowledged(frame.id);
      case "echo":
        return this.overheard({
          kind: "said",
          id: frame.id,
          at: new Date().toISOString(),
          text: frame.text,
          state: "sent",
        });
      case "close":
        return this.close(frame.nonce, frame.chosen);
      case "delete":
        this.transcript.forget(frame.id);
        return this.view.remove(frame.id);
      case "note":
        return this.view.note(frame.text);
      case "typing":
        return this.awaitReply(ANSWER);
      case "error":
        return this.outbox.refused(frame);
    }
  }

  /** @param {string} who whose chat it is: another cookie is another person */
  resumed(who) {
    if (this.transcript.who && this.transcript.who !== who) {
      this.transcript.clear();
      this.view.restore([]);
      this.link.lose(1006);
      return;
    }
    this.transcript.who = who;
    this.transcript.keep();
    this.triedCookie = false;
    this.link.settle();
    this.view.live();
    this.outbox.resume();
    this.greet();
    this.drawEmpty();
  }

  // ------------------------------------------------------------------ hearing

  /** @param {Message} message */
  message(message) {
    this.receipt(message.id);
    const entry = this.transcript.hear(message);
    if (!entry) return;
    this.transcript.keep();
    this.quiet();
    const locale = offered(message.locale);
    if (locale && locale !== language()) speak(locale);
    this.view.add(entry);
    this.drawEmpty();
    this.drawQuestions();
    if (document.visibilityState !== "visible") {
      document.title = `(${++this.unreadTitle}) ${this.title}`;
    }
  }

  /** Tell that messages arrived, several at once. @param {number} id */
  receipt(id) {
    if (this.receipts.length === 0) {
      setTimeout(() => {
        while (this.receipts.length > 0) {
          this.link.send({ type: "seen", ids: this.receipts.splice(0, MOST_RECEIPTS) });
        }
      }, RECEIPT);
    }
    this.receipts.push(id);
  }

  /** Only the question asked last can be answered; notices, which have no nonce, stay. */
  drawQuestions() {
    const heard = this.transcript.heard();
    const last = heard.findLast((entry) => entry.message.nonce);
    for (const entry of heard) {
      if (!entry.message.buttons?.length) continue;
      this.view.options(entry, !entry.closed && (!entry.message.nonce || entry === last));
    }
    this.attach.offer(!!last && !last.closed && last.message.takes === "file");
  }

  /** @param {string} nonce @param {string} chosen */
  close(nonce, chosen) {
    for (const entry of this.transcript.questions(nonce)) {
      entry.closed = true;
      entry.chosen = chosen || entry.chosen;
    }
    this.transcript.keep();
    this.drawQuestions();
  }

  /** What this person said in another tab. @param {Said} entry */
  overheard(entry) {
    if (!this.transcript.say(entry)) return;
    this.view.add(entry);
    this.drawEmpty();
    this.awaitReply(ANSWER);
  }

  drawEmpty() {
    const quiet = this.transcript.entries.every((entry) => entry.kind === "said" && !entry.text);
    byId("empty").hidden = !(quiet && this.outbox.ready && !this.transcript.waiting());
  }

  // ------------------------------------------------------------------ saying

  /** @param {Outgoing} out @param {string} text as shown @param {boolean} [file] it is a file's name */
  say(out, text, file) {
    const entry = this.transcript.say({
      kind: "said",
      id: out.id,
      at: new Date().toISOString(),
      text,
      file,
      state: "pending",
      out,
    });
    if (!entry) return;
    this.view.add(entry);
    if (text) this.tabs.said(entry);
    this.drawEmpty();
    this.outbox.pump();
  }

  /** How it goes with an own word. @param {Said} entry */
  sent(entry) {
    this.view.state(entry);
    if (entry.state === "pending") this.awaitReply(ANSWER);
    else if (entry.state === "failed") this.quiet();
    else if (!this.view.typingSign.hidden) this.awaitReply(AFTER_ACK);
  }

  /** Someone came in: the counter speaks first, once for each address, or follows a deep link. */
  greet() {
    if (!this.outbox.ready || document.visibilityState !== "visible") return;
    const url = new URL(location.href);
    const start = url.searchParams.get("start") ?? undefined;
    if (start) {
      url.searchParams.delete("start");
      history.replaceState(null, "", url);
      this.say({ type: "open", id: newId(), start: start.slice(0, 200) }, "");
    } else if (this.transcript.entries.length === 0) {
      this.say({ type: "open", id: "open" }, "");
    }
  }

  /** @param {Heard} entry @param {string} data @param {string} label @param {HTMLButtonElement} button */
  press(entry, data, label, button) {
    const id = newId();
    const byKeyboard = button.matches(":focus-visible");
    if (entry.message.nonce) {
      entry.closed = true;
      if (!button.matches(".nav")) entry.chosen = label;
    } else {
      button.disabled = true; // a notice may be pressed again, but not by a double click
      setTimeout(() => this.drawQuestions(), DOUBLE_CLICK);
    }
    this.say({ type: "press", id, data, label }, label);
    this.drawQuestions();
    // The next Tab leads from one's own word to the options of the answer.
    if (byKeyboard) this.view.focus(id);
    else this.composer.focusIfHandy();
  }

  // ------------------------------------------------------------------ the rest

  /** @param {number} patience ms after which nobody is typing any more */
  awaitReply(patience) {
    this.view.typing(true);
    clearTimeout(this.typingEnd);
    this.typingEnd = setTimeout(() => this.view.typing(false), patience);
  }

  quiet() {
    clearTimeout(this.typingEnd);
    this.view.typing(false);
  }

  /** @param {import("./types.js").Locale} locale @param {string} name */
  translate(locale, name) {
    speak(locale);
    this.link.send({ type: "hello", v: VERSION, seen: [], locale });
    this.say({ type: "say", id: newId(), text: `/language ${locale}`, label: name }, name);
  }

  async leave() {
    const answer = await fetch(`${this.path}/leave`, { method: "POST" }).catch(() => null);
    if (!answer?.ok) {
      this.head.tell("leave_failed");
      return;
    }
    this.tabs.left();
    this.gone();
  }

  /** The person left, here or in another tab. */
  gone() {
    this.link.stop();
    this.transcript.clear();
    this.view.restore([]);
    this.composer.close();
    this.attach.offer(false);
    this.head.say("closed", false);
    this.head.tell("left", { word: "reload", press: () => location.reload() });
  }
}

drawIcons();
const root = byId("chat");
speak(firstLanguage(root.dataset.locale ?? "pt_BR"));
followKeyboard();
await new Chat(root).start();
