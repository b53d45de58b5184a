/** How many characters the API counts before a place: JavaScript counts an emoji as two. */
export function charactersAt(text: string, units: number): number {
  return Array.from(text.slice(0, units)).length;
}

/** The opposite of `charactersAt`. */
export function unitsAt(text: string, characters: number): number {
  return Array.from(text).slice(0, characters).join("").length;
}
