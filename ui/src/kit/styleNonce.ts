/** The nonce for styles that scripts insert, as the server put it into this answer; empty under Vite's own server. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
}
