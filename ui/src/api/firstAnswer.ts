/**
 * The API answer that the server put into the HTML of this view, once: a later call must ask again. The server
 * made it with the same code that answers the request, so it has the same type.
 */
export function takeFirstAnswer<T>(path: string): T | undefined {
  const element = document.querySelector(`script[data-first-answer="${CSS.escape(path)}"]`);
  if (!element?.textContent) return undefined;
  element.remove();
  return JSON.parse(element.textContent) as T;
}
