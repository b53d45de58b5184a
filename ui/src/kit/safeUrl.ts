/** The address when it is absolute http or https; `null` for `javascript:`, `data:`, relative ones and the rest. */
export function safeUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}
