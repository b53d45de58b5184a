/** How many characters the API counts before a place: JavaScript counts an emoji as two. */
export function charactersAt(text: string, units: number): number {
  return Array.from(text.slice(0, units)).length;
}

/** The opposite of `charactersAt`. */
export function unitsAt(text: string, characters: number): number {
  return Array.from(text).slice(0, characters).join("").length;
}

/**
 * A flag that is made of tags, which is no secret; else a character that shows nothing and hides what it does: controls,
 * spaces without width, what turns the direction of the text round, and tags, which a model reads as letters.
 */
const HIDDEN = /(\u{1f3f4}[\u{e0020}-\u{e007f}]+)|[^\P{Cc}\t\n\r]|[\u200b\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** The text with its hidden characters as numbers: `‹U+202E›`. What joins letters and emoji stays. */
export function revealHidden(text: string): string {
  return text.replace(HIDDEN, (found, flag: string | undefined) => flag ?? `‹U+${codeOf(found)}›`);
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
