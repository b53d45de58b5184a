const LONG = /\d{16}/;
/** Whole numbers of many digits, and what tells whether they stand in a string: quotes, and what is escaped. */
const PIECES = /\\.|"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/gs;
const MARK = "\uE000";
const MARKED = /^\uE000-?\d+$/;

/** The value of JSON; whole numbers that a `number` would round, such as ids, are `bigint`s. */
export function parseJson(text: string): unknown {
  if (!LONG.test(text)) return JSON.parse(text) as unknown;
  let inString = false;
  const marked = text.replace(PIECES, (piece) => {
    if (piece === '"') inString = !inString;
    const isLong = piece.length > 2 && !Number.isSafeInteger(Number(piece));
    return isLong && !inString ? `"${MARK}${piece}"` : piece;
  });
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === "string" && MARKED.test(value) ? BigInt(value.slice(1)) : value,
  ) as unknown;
}

/** A JSON object of which some members are read by `parseJson`, and all others as numbers that can be counted with. */
export function parseMembers(text: string, members: readonly string[]): unknown {
  const value = JSON.parse(text) as Record<string, unknown>;
  if (!LONG.test(text)) return value;
  const exact = parseJson(text) as Record<string, unknown>;
  return { ...value, ...Object.fromEntries(members.map((name) => [name, exact[name]])) };
}

/** A value of `parseJson` as JSON. */
export function writeJson(value: unknown, space?: number): string {
  let hasLong = false;
  const text = JSON.stringify(
    value,
    (_, inner: unknown) => {
      if (typeof inner !== "bigint") return inner;
      hasLong = true;
      return MARK + String(inner);
    },
    space,
  );
  return hasLong ? text.replace(/"\uE000(-?\d+)"/g, "$1") : text;
}
