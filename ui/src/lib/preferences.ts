import { useSyncExternalStore } from "react";
import { LOCAL_ZONE, type TimeZone } from "./time";

/** What a person chose and wants again tomorrow. Kept in localStorage; never part of a link. */
type Preferences = {
  zone: TimeZone;
  renderMarkdown: boolean;
  panelWidth: number;
  nameWidth: number;
  /** Where new issues go: a tracker and the place in it. */
  tracker: string;
  trackerPlace: string;
  /** Columns of the trace list; null for the usual ones. */
  traceColumns: readonly string[] | null;
  facetsShown: boolean;
  openFacets: readonly string[];
  histogramShown: boolean;
};

const DEFAULTS: Preferences = {
  zone: LOCAL_ZONE,
  renderMarkdown: true,
  panelWidth: 580,
  nameWidth: 330,
  tracker: "",
  trackerPlace: "",
  traceColumns: null,
  facetsShown: true,
  openFacets: ["app", "status", "model", "failure"],
  histogramShown: true,
};
const KEY = "sightline.preferences";

let current = read();
const listeners = new Set<() => void>();

/** The preferences, and a function that changes some of them. */
export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  return [useSyncExternalStore(subscribe, () => current), changePreferences];
}

/** Changes some preferences, for this page and the next visit. */
export function changePreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage is full or forbidden: the choice still holds until the page is left.
  }
  tell();
}

// Another tab's choice holds here too: this one would else write what it knows from before over it.
window.addEventListener("storage", ({ key }) => {
  if (key !== KEY && key !== null) return;
  current = read();
  tell();
});

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof stored === "object" && stored !== null ? merge(stored) : DEFAULTS;
  } catch {
    return DEFAULTS;
  }
}

/** Takes a stored value only where it has the type we expect: the store may be from another version. */
function merge(stored: object): Preferences {
  const value = (name: keyof Preferences): unknown => Reflect.get(stored, name);
  const zone = value("zone");
  const width = (name: "panelWidth" | "nameWidth"): number => {
    const candidate = value(name);
    return typeof candidate === "number" && Number.isFinite(candidate) ? candidate : DEFAULTS[name];
  };
  const text = (name: "tracker" | "trackerPlace"): string => {
    const candidate = value(name);
    return typeof candidate === "string" ? candidate : DEFAULTS[name];
  };
  return {
    zone: typeof zone === "string" && isZone(zone) ? zone : DEFAULTS.zone,
    renderMarkdown: value("renderMarkdown") !== false,
    panelWidth: width("panelWidth"),
    nameWidth: width("nameWidth"),
    traceColumns: words(value("traceColumns")) ?? DEFAULTS.traceColumns,
    facetsShown: value("facetsShown") !== false,
    openFacets: words(value("openFacets")) ?? DEFAULTS.openFacets,
    histogramShown: value("histogramShown") !== false,
    tracker: text("tracker"),
    trackerPlace: text("trackerPlace"),
  };
}

function words(value: unknown): readonly string[] | null {
  return Array.isArray(value) && value.every((word) => typeof word === "string") ? value : null;
}

function isZone(zone: string): boolean {
  if (zone === LOCAL_ZONE) return true;
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: zone }));
  } catch {
    return false;
  }
}
