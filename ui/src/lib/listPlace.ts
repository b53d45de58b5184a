import { type RefObject, useEffect, useRef } from "react";
import type { VirtualItem } from "@tanstack/react-virtual";
import { visitMap } from "./visitMap";

/** Where somebody was in a list; `sizes` are of rows that were measured. */
type ListPlace = { offset: number; activeId?: string | null; sizes?: VirtualItem[] };

/** What is loaded anew may grow for so long until it is as high as it was. */
const GROWS_WITHIN_MS = 5_000;

/** Of the lists that are on the screen now. */
const shown = new Map<string, () => ListPlace>();

/** Of the lists of this visit; who comes back from one of its things, or reloads the page, finds the row again. */
const places = visitMap<ListPlace>("places", () => {
  for (const [key, read] of shown) remember(key, read());
});

export function rememberedPlace(key: string): ListPlace | undefined {
  return places.get(key);
}

/** Remembers a list that is shown, until the returned function is called, by what `read` says at the end. */
export function keepPlace(key: string, read: () => ListPlace): () => void {
  shown.set(key, read);
  return () => {
    if (shown.get(key) === read) shown.delete(key);
    remember(key, read());
  };
}

/** The newest comes last: of many, the oldest are let go. */
function remember(key: string, place: ListPlace): void {
  places.delete(key);
  places.set(key, place);
}

/** For what scrolls as a whole: brings it back to where it was when `key` was shown last. */
export function useScrollPlace(key: string): RefObject<HTMLDivElement | null> {
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const before = rememberedPlace(key)?.offset ?? 0;
    const giveUp = before > 0 ? scrollOnceHighEnough(element, before) : undefined;
    // Read as it is scrolled: once the page is another one, it is too late.
    let offset = element.scrollTop;
    const onScroll = (): void => void (offset = element.scrollTop);
    element.addEventListener("scroll", onScroll, { passive: true });
    const leave = keepPlace(key, () => ({ offset }));
    return () => {
      giveUp?.();
      element.removeEventListener("scroll", onScroll);
      leave();
    };
  }, [key]);
  return scroller;
}

/**
 * Scrolls as far as there is something, on and on until it is far enough or somebody does anything: at its end, a list
 * of several pages loads the next one. Returns what gives it up.
 */
export function scrollOnceHighEnough(element: HTMLElement, offset: number): () => void {
  const over = new AbortController();
  const look = (): void => {
    const furthest = element.scrollHeight - element.clientHeight;
    if (furthest >= offset) over.abort();
    element.scrollTop = Math.min(offset, furthest);
  };
  const growth = new MutationObserver(look);
  over.signal.addEventListener("abort", () => growth.disconnect());
  for (const event of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    window.addEventListener(event, () => over.abort(), { signal: over.signal, passive: true });
  }
  growth.observe(element, { childList: true, subtree: true, attributeFilter: ["style"] });
  const timer = setTimeout(() => over.abort(), GROWS_WITHIN_MS);
  over.signal.addEventListener("abort", () => clearTimeout(timer));
  look();
  return () => over.abort();
}
