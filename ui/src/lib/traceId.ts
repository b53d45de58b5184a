/** The id of a trace in what was typed or pasted: the id itself, or an address of the page. */
export function traceIdIn(text: string): string | undefined {
  return /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/i.exec(text)?.[0].toLowerCase();
}
