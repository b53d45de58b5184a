/** As many of the newest entries outlive a reload. */
const KEPT = 50;

/**
 * A map of this visit: a reload keeps it, another tab begins with an empty one. Its values have to be JSON. `prepare`
 * is run before it is kept, for what is only known then.
 */
export function visitMap<Value>(name: string, prepare: () => void = () => {}): Map<string, Value> {
  const key = `sightline.${name}`;
  const map = new Map<string, Value>(read(key));
  window.addEventListener("pagehide", () => {
    prepare();
    try {
      sessionStorage.setItem(key, JSON.stringify([...map].slice(-KEPT)));
    } catch {
      // Storage is full or forbidden: a reload forgets.
    }
  });
  return map;
}

function read<Value>(key: string): [string, Value][] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(stored) ? (stored as [string, Value][]) : [];
  } catch {
    return [];
  }
}
