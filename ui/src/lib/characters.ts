/** How many characters the API counts before a place: JavaScript counts an emoji as two. */
export function charactersAt(text: string, units: number): number {
  return Array.from(text.slice(0, units)).length;
}

/** The opposite of `charactersAt`. */
export function unitsAt(text: string, characters: number): number {
  return Array.from(text).slice(0, characters).join("").length;
}

/**
 * A flag that is made of tags, which is no secret; else characters that show nothing and hide what they do: controls, what
 * Unicode lets a font ignore (spaces without width, what turns the direction of the text round, fillers, tags, which a model
 * reads as letters), and two or more selectors of a variant in a row, which spell bytes behind an emoji. Marks that scripts
 * need stay: joiners, marks of direction, soft hyphens, a selector alone.
 */
const HIDDEN =
  /(\u{1f3f4}[\u{e0020}-\u{e007f}]+)|[^\P{Cc}\t\n\r]|[\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}]|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{2,}/gu;

/** The text with its hidden characters as numbers: `‹U+202E›`. What joins letters and emoji stays. */
export function revealHidden(text: string): string {
  return text.replace(HIDDEN, (found, flag: string | undefined) => flag ?? Array.from(found, numberOf).join(""));
}

function numberOf(character: string): string {
  return `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`;
}
