// The other tabs of this browser: a new one takes over the transcript, all of them see what is said.

/** @typedef {import("./transcript.js").Transcript} Transcript */
/** @typedef {import("./types.js").Said} Said */

const PATIENCE = 150;

export class Tabs {
  /**
   * @param {string} name of the chat
   * @param {Transcript} transcript
   * @param {object} on
   * @param {(entry: Said) => void} on.said another tab said something
   * @param {() => void} on.left the person left in another tab
   */
  constructor(name, transcript, on) {
    this.channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`balcao:${name}`) : null;
    if (!this.channel) return;
    this.channel.onmessage = ({ data }) => {
      if (data.type === "who" && transcript.entries.length > 0) {
        this.post({ type: "here", who: transcript.who, entries: transcript.entries });
      } else if (data.type === "said") on.said(data.entry);
      else if (data.type === "left") on.left();
    };
  }

  /** @param {object} message */
  post(message) {
    this.channel?.postMessage(message);
  }

  /** @param {Said} entry */
  said(entry) {
    this.post({ type: "said", entry: { ...entry, state: "sent", out: undefined } });
  }

  left() {
    this.post({ type: "left" });
  }

  /** What another tab holds, if one answers soon. @returns {Promise<any>} */
  ask() {
    const { channel } = this;
    if (!channel) return Promise.resolve(null);
    return new Promise((resolve) => {
      /** @param {MessageEvent} event */
      const listen = ({ data }) => {
        if (data.type === "here") end(data);
      };
      /** @param {any} answer */
      const end = (answer) => {
        channel.removeEventListener("message", listen);
        clearTimeout(timer);
        resolve(answer);
      };
      const timer = setTimeout(() => end(null), PATIENCE);
      channel.addEventListener("message", listen);
      this.post({ type: "who" });
    });
  }
}
