/** SQL that was typed and not run, and the query of the address it was typed over. */
type Draft = { over: string; text: string };

const KEY = "sightline.sql";

/** The text of the editor at an address: what was typed last, unless the address has another query than that was over. */
export function textAt(sql: string): string {
  const draft = read();
  return draft && (sql === "" || sql === draft.over) ? draft.text : sql;
}

/** Keeps what was typed, for this tab, however the page is left; what the address has already is let go of. */
export function keepText(over: string, text: string): void {
  try {
    if (text === over) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify({ over, text } satisfies Draft));
  } catch {
    // Storage is full or forbidden: the text is there until the page is left.
  }
}

function read(): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}
