/** Lines kept beside a change. */
const CONTEXT_LINES = 3;
/** Folding fewer lines than this saves nothing. */
const LEAST_FOLDED = 4;

type Folded = { before: string; lines: number; after: string };

/** An unchanged text without its middle; before the first change and after the last only one end is context. */
export function foldEqual(text: string, { isFirst, isLast }: { isFirst: boolean; isLast: boolean }): Folded | null {
  const lines = text.split("\n");
  const head = isFirst ? 0 : CONTEXT_LINES;
  const tail = isLast ? 0 : CONTEXT_LINES;
  const folded = lines.length - head - tail;
  if (folded < LEAST_FOLDED) return null;
  const before = lines.slice(0, head).join("\n");
  const after = lines.slice(lines.length - tail).join("\n");
  return { before: head > 0 ? `${before}\n` : "", lines: folded, after: tail > 0 ? `\n${after}` : "" };
}
