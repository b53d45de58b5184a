import type { Shortcut } from "@/lib/shortcuts";
import type { Triage } from "./triage";

/** The keys of triage, on the list for the active row and on a cluster's own page for it. */
export function triageShortcuts(triage: Triage): Shortcut[] {
  return [
    { key: "a", label: "Assign", run: () => triage.ask("assign") },
    { key: "r", label: "Resolve", run: () => triage.decide({ action: "resolve" }) },
    { key: "n", label: "Resolve in the next version", run: () => triage.decide({ action: "resolve_in_next_version" }) },
    { key: "i", label: "Ignore for good", run: () => triage.decide({ action: "ignore" }) },
    { key: "I", label: "Ignore until it occurred more often", run: () => triage.ask("ignore") },
    { key: "o", label: "Reopen", run: () => triage.decide({ action: "reopen" }) },
    { key: "m", label: "Merge with another", run: () => triage.ask("merge") },
    { key: "t", label: "Change the title", run: () => triage.ask("rename") },
    { key: "s", label: "Set the severity", run: () => triage.ask("severity") },
    { key: "u", label: "Take the last decision back", run: () => triage.undo() },
  ];
}
