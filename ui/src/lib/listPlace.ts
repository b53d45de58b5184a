import { type RefObject, useEffect, useRef } from "react";
import type { VirtualItem } from "@tanstack/react-virtual";

/** Where somebody was in a list; `sizes` are of rows that were measured. */
type ListPlace = { offset: number; activeId?: string | null; sizes?: VirtualItem[] };

/** What is loaded anew may grow for so long until it is as high as it was. */
const GROWS_WITHIN_MS = 5_000;

/** Of the lists of this visit; who comes back from one of its things finds the row again. */
const places = new Map<string, ListPlace>();

export function rememberedPlace(key: string): ListPlace | undefined {
  return places.get(key);
}

export function rememberPlace(key: string, place: ListPlace): void {
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
    return () => {
      giveUp?.();
      element.removeEventListener("scroll", onScroll);
      rememberPlace(key, { offset });
    };
  }, [key]);
  return scroller;
}

/** Scrolls when there is enough to scroll, unless somebody scrolls first. Returns what gives it up. */
function scrollOnceHighEnough(element: HTMLElement, offset: number): () => void {
  const over = new AbortController();
  const look = (): void => {
    if (element.scrollHeight - element.clientHeight < offset) return;
    over.abort();
    element.scrollTop = offset;
  };
  const growth = new MutationObserver(look);
  over.signal.addEventListener("abort", () => growth.disconnect());
  for (const event of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    element.addEventListener(event, () => over.abort(), { signal: over.signal, passive: true });
  }
  growth.observe(element, { childList: true, subtree: true });
  const timer = setTimeout(() => over.abort(), GROWS_WITHIN_MS);
  over.signal.addEventListener("abort", () => clearTimeout(timer));
  look();
  return () => over.abort();
}
