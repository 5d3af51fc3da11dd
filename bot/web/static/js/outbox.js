// What is to be sent: one word at a time, again with the same id until it is acknowledged.

/** @typedef {import("./types.js").Outgoing} Outgoing */
/** @typedef {import("./types.js").Said} Said */

const ANSWER = 20_000;
const AGAIN = 3_000;
const MOST_TRIES = 8;

export class Outbox {
  /**
   * @param {import("./transcript.js").Transcript} transcript where words wait
   * @param {object} on
   * @param {(out: Outgoing) => boolean} on.send hands a word to the link; false if it could not
   * @param {(entry: Said) => void} on.state a word is on its way, sent, or failed
   * @param {() => void} on.silence nothing came back
   */
  constructor(transcript, on) {
    this.transcript = transcript;
    this.on = on;
    this.ready = false;
    this.inFlight = "";
    this.tries = 0;
    this.silence = 0;
  }

  /** The link is there. */
  resume() {
    this.ready = true;
    this.pump();
  }

  /** The link is lost: what has no answer is sent again when it is back. */
  pause() {
    this.ready = false;
    this.inFlight = "";
    clearTimeout(this.silence);
  }

  /** Send the first word that waits; the next one follows its acknowledgement. */
  pump() {
    const entry = this.transcript.waiting();
    if (!this.ready || this.inFlight || !entry?.out || !this.on.send(entry.out)) return;
    this.inFlight = entry.id;
    this.on.state(entry);
    clearTimeout(this.silence);
    this.silence = setTimeout(this.on.silence, ANSWER);
  }

  /** @param {string} id */
  acknowledged(id) {
    this.tries = 0;
    this.settle(id, "sent");
  }

  /** @param {{code: string, id?: string}} error */
  refused({ code, id }) {
    if (!id) return;
    const later = code === "too_fast" || code === "unavailable";
    if (later && ++this.tries < MOST_TRIES) {
      clearTimeout(this.silence);
      setTimeout(() => {
        if (this.inFlight === id) this.inFlight = "";
        this.pump();
      }, AGAIN);
      return;
    }
    this.tries = 0;
    this.settle(id, "failed", code);
  }

  /** @param {Said} entry a word that failed */
  again(entry) {
    entry.state = "pending";
    this.on.state(entry);
    this.pump();
  }

  /** @param {string} id @param {"sent" | "failed"} state @param {string} [why] */
  settle(id, state, why) {
    if (this.inFlight === id) {
      this.inFlight = "";
      clearTimeout(this.silence);
    }
    const entry = this.transcript.said(id);
    if (entry) {
      entry.state = state;
      entry.why = why;
      if (state === "sent") delete entry.out;
      this.transcript.keep();
      this.on.state(entry);
    }
    this.pump();
  }
}
