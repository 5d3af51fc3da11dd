// A WebSocket that comes back: back-off after a loss, at once when the network or the tab returns.

/** @typedef {"connecting" | "open" | "lost" | "ended"} LinkState */

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const OPENING = 10_000;
const HEARTBEAT = 25_000;
const PATIENCE = 8_000;

/** Codes after which coming back by itself would be wrong (see wire.py). */
const FINAL = new Set([4400, 4401, 4409, 4410]);

export class Link {
  /**
   * @param {string} path of the socket on this host
   * @param {object} on
   * @param {() => void} on.open
   * @param {(frame: any) => void} on.frame
   * @param {(state: LinkState, code: number) => void} on.state
   * @param {boolean} [beats] whether the other side answers pings
   */
  constructor(path, on, beats = true) {
    const url = new URL(path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.url = url;
    this.on = on;
    this.beats = beats;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.tries = 0;
    this.timer = 0;
    this.heart = 0;
    this.patience = 0;
    this.wanted = false;
    addEventListener("online", () => this.hurry());
    addEventListener("pageshow", () => this.hurry());
    addEventListener("offline", () => this.lose(1006));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.hurry();
    });
  }

  start() {
    this.wanted = true;
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    if (!this.wanted || this.socket) return;
    this.on.state("connecting", 0);
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.patience = setTimeout(() => this.lose(1006), OPENING);
    socket.onopen = () => {
      clearTimeout(this.patience);
      this.on.open();
      this.beat();
    };
    socket.onmessage = (event) => {
      clearTimeout(this.patience);
      this.beat();
      const frame = JSON.parse(event.data);
      if (frame.type !== "pong") this.on.frame(frame);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.lose(event.code);
    };
  }

  /** The link works: the next loss is waited for from the beginning. */
  settle() {
    this.tries = 0;
    this.on.state("open", 0);
  }

  /** @param {object} frame @returns {boolean} whether it was handed to an open socket */
  send(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  beat() {
    clearTimeout(this.heart);
    if (this.beats) this.heart = setTimeout(() => this.ping(), HEARTBEAT);
  }

  ping() {
    clearTimeout(this.heart);
    if (!this.beats || !this.send({ type: "ping" })) return;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.lose(1006), PATIENCE);
  }

  /** The network or the tab is back: connect now, or find out whether we still are. */
  hurry() {
    if (!this.wanted) return;
    if (!this.socket) {
      this.tries = 0;
      this.connect();
    } else this.ping();
  }

  /** @param {number} code of the close; 1006 for a loss without one */
  lose(code) {
    const socket = this.socket;
    if (!socket) return;
    this.socket = null;
    clearTimeout(this.heart);
    clearTimeout(this.patience);
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    if (FINAL.has(code)) {
      this.wanted = false;
      this.on.state("ended", code);
      return;
    }
    this.on.state("lost", code);
    if (code === 1008) this.tries = 6;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.tries++);
    // Spread out, so that a restart is not greeted by every page at once.
    this.timer = setTimeout(() => this.connect(), wait * (0.5 + Math.random() / 2));
  }

  stop() {
    this.wanted = false;
    clearTimeout(this.timer);
    this.lose(4410);
  }
}
