// A file from this device: chosen with the paper clip, uploaded with its progress shown, then said like a word.

import { byId } from "./dom.js";
import { t } from "./language.js";
import { MOST_BYTES, TYPES } from "./types.js";

/** @typedef {import("./language.js").Word} Word */
/** @typedef {{ref: string, name: string}} Kept */

/** @type {Record<string, Word>} what the server says → the words for it; anything else: the upload broke off */
const WHY = {
  too_large: "file_too_large",
  kind: "file_kind",
  empty: "file_empty",
  too_fast: "file_too_fast",
  busy: "file_busy",
  stranger: "file_stranger",
  forbidden: "file_stranger",
};
/** What another try of the same file cannot mend. */
const FINAL = ["file_too_large", "file_kind", "file_empty", "file_stranger"];

export class Attach {
  /** @param {string} url @param {(file: Kept) => void} onKept */
  constructor(url, onKept) {
    this.url = url;
    this.onKept = onKept;
    this.clip = /** @type {HTMLButtonElement} */ (byId("attach"));
    this.input = /** @type {HTMLInputElement} */ (byId("attach-file"));
    this.strip = byId("upload");
    this.words = byId("upload-words");
    this.bar = /** @type {HTMLProgressElement} */ (byId("upload-bar"));
    this.again = byId("upload-again");
    this.stop = byId("upload-stop");
    /** @type {XMLHttpRequest | null} */
    this.request = null;
    /** @type {File | null} */
    this.file = null;
    /** @type {Word | ""} */
    this.why = "";
    this.input.accept = TYPES.join(",");
    this.clip.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => {
      const file = this.input.files?.[0];
      this.input.value = ""; // the same file may be chosen again
      if (file) this.take(file);
    });
    this.again.addEventListener("click", () => {
      if (this.file) this.take(this.file);
      this.clip.focus();
    });
    this.stop.addEventListener("click", () => {
      this.reset();
      this.clip.focus();
    });
    document.addEventListener("paste", (event) => this.given(event, event.clipboardData));
    document.addEventListener("drop", (event) => this.given(event, event.dataTransfer));
    document.addEventListener("dragover", (event) => {
      if (this.ready && event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    document.addEventListener("language", () => this.draw());
  }

  /** Whether a file would be taken now. */
  get ready() {
    return !this.clip.hidden && !this.request;
  }

  /** A screenshot that is pasted, or a file that is dropped here. @param {Event} event @param {DataTransfer | null} data */
  given(event, data) {
    const file = data?.files[0];
    if (!file || !this.ready) return;
    event.preventDefault();
    this.take(file);
  }

  /** Whether the question at hand takes a file. @param {boolean} on */
  offer(on) {
    this.clip.hidden = !on;
    if (!on) this.reset();
  }

  /** @param {File} file */
  take(file) {
    this.reset();
    this.file = file;
    if (file.size === 0) return this.fail("file_empty");
    if (file.size > MOST_BYTES) return this.fail("file_too_large");
    if (file.type && !TYPES.includes(file.type)) return this.fail("file_kind");
    const request = new XMLHttpRequest(); // fetch tells nothing of an upload's progress
    this.request = request;
    request.open("POST", `${this.url}?name=${encodeURIComponent(file.name.slice(-200))}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
      if (lengthComputable) this.bar.value = (100 * loaded) / total;
    });
    request.addEventListener("load", () => this.ended(request));
    for (const broken of ["error", "timeout"])
      request.addEventListener(broken, () => this.fail("file_lost"));
    request.send(file);
    this.draw();
  }

  /** @param {XMLHttpRequest} request */
  ended(request) {
    if (request !== this.request) return;
    if (request.status !== 200 || !request.response?.ref) {
      this.fail(WHY[request.response?.code] ?? "file_lost");
      return;
    }
    /** @type {Kept} */
    const kept = request.response;
    this.reset();
    this.onKept(kept);
  }

  /** @param {Word} why */
  fail(why) {
    this.request = null;
    this.why = why;
    this.draw();
  }

  reset() {
    const request = this.request;
    this.request = null;
    request?.abort();
    this.file = null;
    this.why = "";
    this.bar.value = 0;
    this.draw();
  }

  draw() {
    const { file, why } = this;
    this.strip.hidden = !file;
    this.strip.classList.toggle("failed", !!why);
    this.bar.hidden = !!why;
    this.again.hidden = !why || FINAL.includes(why);
    this.clip.disabled = !!this.request;
    if (!file) return;
    const name = file.name;
    this.words.textContent = why ? t(why, { name }) : t("file_sending", { name });
  }
}
