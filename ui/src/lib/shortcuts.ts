import { useEffect, useRef, useSyncExternalStore } from "react";

/** One key, what it does in words, and the action. `key` is a `KeyboardEvent.key`. */
export type Shortcut = { key: string; label: string; run: () => void };

/** Sets that are on the screen now, the newest last; a newer one wins a key. */
let active: readonly (readonly Shortcut[])[] = [];
const listeners = new Set<() => void>();

/** Makes keys work while the component is mounted, unless somebody is typing, or a dialog or a menu is open. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const set: readonly Shortcut[] = latest.current.map(({ key, label }) => ({
      key,
      label,
      run: () => latest.current.find((shortcut) => shortcut.key === key)?.run(),
    }));
    publish([...active, set]);
    return () => publish(active.filter((other) => other !== set));
  }, []);
}

/** All shortcuts that work now, for the help dialog. */
export function useActiveShortcuts(): readonly Shortcut[] {
  const sets = useSyncExternalStore(subscribe, () => active);
  return sets.toReversed().flat();
}

/** Whether a dialog, a popup or a menu was open before the key press: the key may close it before the page hears of it. */
let overlayWasOpen = false;

/** Makes the keys work. Before anything is drawn: only who listens first hears of a key before the dialogs do. */
export function listenToKeys(): void {
  window.addEventListener("keydown", noteOverlay, { capture: true });
  window.addEventListener("keydown", handleKey);
}

function noteOverlay(): void {
  overlayWasOpen = document.querySelector("[role=dialog], [role=menu]") !== null;
}

function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key !== "Escape" && isTyping(event.target)) return;
  if (overlayWasOpen) return;
  if (event.key === "Enter" && isControl(event.target)) return;
  const shortcut = active.toReversed().flat().find(({ key }) => key === event.key);
  if (!shortcut) return;
  event.preventDefault();
  shortcut.run();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=radio], [type=checkbox])"))
  );
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("a, button, [role=menuitem], [role=option]") !== null;
}

function publish(sets: readonly (readonly Shortcut[])[]): void {
  active = sets;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
