/** As long as a key may be. */
const MAX_KEY_LENGTH = 64;

/** Why something new cannot have the key, or `undefined` when it can; `taken` are the keys that there are. */
export function keyProblem(key: string, what: "rule" | "channel", taken: readonly string[]): string | undefined {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(key) || key.length > MAX_KEY_LENGTH) {
    return `Up to ${MAX_KEY_LENGTH} small letters, digits, - and _, beginning with a letter or digit`;
  }
  return taken.includes(key) ? `A ${what} with this key exists already` : undefined;
}
