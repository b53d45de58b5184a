import { baseUrl } from "@/lib/baseUrl";

const NAME = "MissingCode";
/** A document this young has just been loaded: loading it again would not help. */
const YOUNG_MS = 10_000;

/**
 * Gives the error of code that cannot be fetched words of its own. By Vite's words the router would load the document
 * again at once, and with it lose the page while the server is down.
 */
export function nameMissingCode(): void {
  window.addEventListener("vite:preloadError", ({ payload }) => {
    payload.name = NAME;
    payload.message = "This part of the page could not be loaded. The server is down, or was updated meanwhile.";
  });
}

/** Whether the error is that of code that cannot be fetched. */
export function isMissingCode(error: Error): boolean {
  return error.name === NAME;
}

/** Loads the document again, which brings the code of an updated server, once the server answers. */
export async function loadAgain(): Promise<void> {
  const answer = await fetch(baseUrl(), { cache: "no-store" }).catch(() => null);
  if (answer) window.location.reload();
}

/** The same without being asked, but not over and over. */
export async function loadAgainOnce(): Promise<void> {
  if (performance.now() > YOUNG_MS) await loadAgain();
}
