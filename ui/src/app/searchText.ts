/**
 * The URL's search as text that people write and read: strings stand as they are. The router's own form reads a
 * query of one quoted word without its quotes, and an id such as `12e45` as a number.
 */
export function parseSearchText(text: string): Record<string, unknown> {
  return Object.fromEntries([...new URLSearchParams(text)].map(([name, value]) => [name, parseValue(value)]));
}

/** The search that `parseSearchText` reads back; what is undefined is left out. */
export function printSearchText(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined) continue;
    params.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/**
 * Reads a view's search with `parse`. The router lays that over what the address has, so what `parse` left out would
 * reach the view all the same; it is undefined instead.
 */
export function onlyRead<Search extends object>(parse: (search: Record<string, unknown>) => Search) {
  return (search: Record<string, unknown>): Search => {
    const nothing = Object.fromEntries(Object.keys(search).map((name) => [name, undefined]));
    return { ...nothing, ...parse(search) };
  };
}

/**
 * Flags and numbers, where the same text comes out of them again; everything else is a string. No view has a list
 * in its address, and an id or a query may look like one.
 */
function parseValue(text: string): unknown {
  if (!/^(?:true|false|-?\d)/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : text;
  } catch {
    return text;
  }
}
