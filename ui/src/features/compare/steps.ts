import type { DiffStep } from "@/api/schema";

/** The step's place in the URL. */
export function stepKey({ left, right }: DiffStep): string {
  return `${left?.span_id ?? ""}.${right?.span_id ?? ""}`;
}

/** Steps that differ, and those above them, which say where they are. */
export function differingSteps(steps: readonly DiffStep[]): DiffStep[] {
  const kept: DiffStep[] = [];
  // Going backwards, a step comes after all below it: it is kept when something one deeper was.
  let wantedDepth = -1;
  for (const step of steps.toReversed()) {
    const leadsToKept = step.depth === wantedDepth - 1;
    if (step.outcome !== "same" || leadsToKept) {
      kept.push(step);
      wantedDepth = step.depth;
    }
  }
  return kept.toReversed();
}

/** The next (or previous) step that differs, around the end; undefined when all are the same. */
export function nextDifference(steps: readonly DiffStep[], from: number, step: 1 | -1): number | undefined {
  for (let i = 1; i <= steps.length; i++) {
    const index = (from + step * i + 2 * steps.length) % steps.length;
    const outcome = steps[index]?.outcome;
    if (outcome !== undefined && outcome !== "same") return index;
  }
  return undefined;
}
