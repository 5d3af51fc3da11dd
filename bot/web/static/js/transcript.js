// What was heard and said on this page, in order: kept until the tab is closed, shared with its siblings.

import { tab } from "./store.js";

/** @typedef {import("./types.js").Entry} Entry */
/** @typedef {import("./types.js").Heard} Heard */
/** @typedef {import("./types.js").Said} Said */
/** @typedef {import("./types.js").Message} Message */

const KEPT = 300;
const MOST_SEEN = 100;

export class Transcript {
  /** @param {string} name of the chat, so that two on one host are kept apart */
  constructor(name) {
    this.name = `balcao-transcript:${name}`;
    const kept = tab.get(this.name);
    /** @type {Entry[]} */
    this.entries = Array.isArray(kept?.entries) ? kept.entries : [];
    /** @type {string} whose it is, as the server says */
    this.who = kept?.who ?? "";
  }

  keep() {
    this.entries.splice(0, this.entries.length - KEPT);
    tab.set(this.name, { who: this.who, entries: this.entries });
  }

  clear() {
    this.entries = [];
    this.who = "";
    tab.drop(this.name);
  }

  /** Take over what another tab of this browser holds. @param {{who: string, entries: Entry[]}} other */
  adopt(other) {
    this.who = other.who;
    // What waits there is sent from there.
    this.entries = other.entries.map((entry) =>
      entry.kind === "said" ? { ...entry, state: "sent", out: undefined } : entry,
    );
    this.keep();
  }

  /** Ledger ids the server need not send again. @returns {number[]} */
  seen() {
    const ids = this.entries.flatMap((entry) => (entry.kind === "heard" ? [entry.message.id] : []));
    return ids.slice(-MOST_SEEN);
  }

  /** @param {Message} message @returns {Heard | null} null if it was heard before */
  hear(message) {
    if (this.entries.some((entry) => entry.kind === "heard" && entry.message.id === message.id))
      return null;
    /** @type {Heard} */
    const entry = { kind: "heard", message };
    this.entries.push(entry);
    return entry;
  }

  /** @param {Said} entry @returns {Said | null} null if it was said before */
  say(entry) {
    if (this.said(entry.id)) return null;
    this.entries.push(entry);
    this.keep();
    return entry;
  }

  /** @param {string} id @returns {Said | undefined} */
  said(id) {
    return /** @type {Said | undefined} */ (
      this.entries.find((entry) => entry.kind === "said" && entry.id === id)
    );
  }

  /** The first of the words still to be sent. @returns {Said | undefined} */
  waiting() {
    return /** @type {Said | undefined} */ (
      this.entries.find((entry) => entry.kind === "said" && entry.state === "pending" && entry.out)
    );
  }

  /** @param {string} id */
  forget(id) {
    this.entries = this.entries.filter((entry) => entry.kind !== "said" || entry.id !== id);
    this.keep();
  }

  /** Questions shown by a nonce, oldest first. @param {string} nonce @returns {Heard[]} */
  questions(nonce) {
    return this.heard().filter((entry) => entry.message.nonce === nonce);
  }

  /** Every message heard. @returns {Heard[]} */
  heard() {
    return /** @type {Heard[]} */ (this.entries.filter((entry) => entry.kind === "heard"));
  }
}
