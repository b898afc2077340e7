// What the browser keeps: reading and writing that never throw, since storage may be refused or full.

function keeper(find) {
  return {
    get(name, otherwise = null) {
      try {
        return JSON.parse(find().getItem(`groundrec.${name}`)) ?? otherwise;
      } catch {
        return otherwise;
      }
    },
    set(name, value) {
      try {
        if (value === null) find().removeItem(`groundrec.${name}`);
        else find().setItem(`groundrec.${name}`, JSON.stringify(value));
      } catch {
        // Then it holds for this page only.
      }
    },
  };
}

/** Until the browser's data are cleared. */
export const kept = keeper(() => localStorage);

/** Until the tab is closed. */
export const held = keeper(() => sessionStorage);

/** A random id; `crypto.randomUUID` is missing on plain http. */
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
