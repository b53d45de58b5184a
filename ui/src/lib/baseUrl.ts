/** Where the page is mounted, with a slash at its end; the server sets `<base>` when there is a path prefix. */
export function baseUrl(): URL {
  const base = document.querySelector("base")?.href;
  return new URL(base ?? "/", window.location.href);
}
