import { type RefObject, useCallback, useEffect, useRef } from "react";

/** Returns what focuses the element of a selector within a list; one that is far away is drawn later. */
export function useFocusOnceDrawn(list: RefObject<HTMLElement | null>): (selector: string) => void {
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    const found = wanted.current === null ? null : list.current?.querySelector<HTMLElement>(wanted.current);
    if (!found) return;
    wanted.current = null;
    found.focus({ preventScroll: true });
  });
  return useCallback((selector) => void (wanted.current = selector), []);
}
