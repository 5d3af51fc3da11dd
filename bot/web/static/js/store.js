// Browser storage that may be switched off: then nothing is kept, and nothing breaks.

/**
 * @param {() => Storage} area
 * @returns {{get: (name: string) => any, set: (name: string, value: unknown) => void, drop: (name: string) => void}}
 */
function kept(area) {
  return {
    get(name) {
      try {
        return JSON.parse(area().getItem(name) ?? "null");
      } catch {
        return null; // switched off, or written by another version
      }
    },
    set(name, value) {
      try {
        area().setItem(name, JSON.stringify(value));
      } catch {
        // Switched off or full: the page goes on without a memory.
      }
    },
    drop(name) {
      try {
        area().removeItem(name);
      } catch {
        // Switched off: there was nothing.
      }
    },
  };
}

/** Until the tab is closed. */
export const tab = kept(() => sessionStorage);

/** An unguessable id; `crypto.randomUUID` is missing on a page without https. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
