/**
 * The address without the user and the key that it was opened with (`https://user:key@host`), or null where it has
 * none. With them nothing could be fetched, code would be loaded twice, and who copies the address would tell the key.
 * The browser remembers them.
 */
export function withoutCredentials(address: string): string | null {
  const url = new URL(address);
  if (!url.username && !url.password) return null;
  url.username = "";
  url.password = "";
  return url.href;
}
