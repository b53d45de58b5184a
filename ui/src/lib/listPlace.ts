/** Where somebody was in a list. */
type ListPlace = { offset: number; activeId: string | null };

/** Of the lists of this visit; who comes back from a trace finds the row again. */
const places = new Map<string, ListPlace>();

export function rememberedPlace(key: string): ListPlace | undefined {
  return places.get(key);
}

export function rememberPlace(key: string, place: ListPlace): void {
  places.set(key, place);
}
