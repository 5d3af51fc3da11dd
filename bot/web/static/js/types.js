// What goes over the wire and what the page keeps; bot/channels/webchat/wire.py has the protocol.

/** @typedef {"pt_BR" | "en" | "es"} Locale */

/**
 * @typedef {object} File
 * @property {string} kind a renderer's name: "invoice-pdf", "pix-qr"
 * @property {string} name
 * @property {string} type media type
 * @property {string} url
 */

/**
 * A message of the counter.
 * @typedef {object} Message
 * @property {number} id ledger id
 * @property {string} at ISO instant
 * @property {string} text
 * @property {string} locale
 * @property {[number, number][]} [bold] (start, length) in code points
 * @property {[label: string, data: string, kind: string, detail: string][]} [buttons]
 * @property {string} [nonce] of the question it shows
 * @property {boolean} [copyable] the text is one value alone
 * @property {File} [document]
 * @property {string} [takes] what the question takes besides words: "file"
 */

/**
 * The page's own word on its way: what is sent, until it is acknowledged.
 * @typedef {{type: "say" | "press" | "open" | "file", id: string, text?: string, data?: string, ref?: string, label?: string, start?: string}} Outgoing
 */

/**
 * A line of the transcript: a message heard, or an own word said.
 * @typedef {object} Heard
 * @property {"heard"} kind
 * @property {Message} message
 * @property {boolean} [closed] its question is answered
 * @property {string} [chosen] with what
 */
/**
 * @typedef {object} Said
 * @property {"said"} kind
 * @property {string} id
 * @property {string} at ISO instant
 * @property {string} text as shown; "" if nothing is shown (the page's own greeting)
 * @property {boolean} [file] the text is the name of a file that was handed in
 * @property {"pending" | "sent" | "failed"} state
 * @property {string} [why] of a failure: an error code
 * @property {Outgoing} [out] what is sent; another tab's word has none
 */
/** @typedef {Heard | Said} Entry */

/** Longest own text, in code points (`Bounds.text`). */
export const MOST_LETTERS = 4000;
/** Largest own file, in bytes, and the kinds that are taken (`bot/domain/received.py`). */
export const MOST_BYTES = 10 * 1024 * 1024;
export const TYPES = ["application/pdf", "image/jpeg", "image/png", "image/webp"];
