import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { DiffStep, TraceDiff } from "@/api/schema";
import { Button } from "@/kit/Button";
import { ResizeHandle } from "@/kit/ResizeHandle";
import { EmptyState } from "@/kit/States";
import { formatInteger, plural } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { useShortcuts } from "@/lib/shortcuts";
import classes from "./Compare.module.css";
import { CompareHeader } from "./CompareHeader";
import type { CompareSearch } from "./search";
import { StepList } from "./StepList";
import { StepPanel } from "./StepPanel";
import { differingSteps, nextDifference, stepKey } from "./steps";

const route = getRouteApi("/compare");

type ViewProps = { diff: TraceDiff; steps: readonly DiffStep[]; stopped: Error | null; onReload: () => void };

/** The comparison: what each trace was, the aligned steps, and the step that is looked at. */
export function CompareView({ diff, steps, stopped, onReload }: ViewProps) {
  const { step: chosen, only = false } = route.useSearch();
  const navigate = route.useNavigate();
  const update = useCallback(
    (change: (search: CompareSearch) => CompareSearch) => void navigate({ search: change, replace: true }),
    [navigate],
  );
  const [{ panelWidth }, change] = usePreferences();
  const shown = useMemo(() => (only ? differingSteps(steps) : steps), [only, steps]);
  const selected = chosen === undefined ? -1 : shown.findIndex((step) => stepKey(step) === chosen);
  const select = useCallback(
    (index: number) => {
      const step = shown[index];
      if (step) update((current) => ({ ...current, step: stepKey(step) }));
    },
    [shown, update],
  );
  const close = (): void => update(({ step: _step, ...rest }) => rest);
  const toggleOnly = (): void => update(({ only: was, ...rest }) => (was ? rest : { ...rest, only: true }));
  const goTo = (direction: 1 | -1): void => {
    const index = nextDifference(shown, selected, direction);
    if (index !== undefined) select(index);
  };
  useShortcuts([
    { key: "j", label: "Next step", run: () => select(Math.min(shown.length - 1, selected + 1)) },
    { key: "k", label: "Previous step", run: () => select(Math.max(0, selected - 1)) },
    { key: "n", label: "Next difference", run: () => goTo(1) },
    { key: "N", label: "Previous difference", run: () => goTo(-1) },
    { key: "d", label: "Only differences, or all steps", run: toggleOnly },
    { key: "Escape", label: "Close the step", run: close },
  ]);
  const step = shown[selected];

  return (
    <>
      <CompareHeader diff={diff} />
      <div className={classes["view"]}>
        <div className={classes["main"]}>
          <div className={classes["bar"]} role="toolbar" aria-label="Of the comparison">
            <Button look={only ? "primary" : "plain"} aria-pressed={only} onClick={toggleOnly}>
              Only differences
            </Button>
            <span className={classes["spread"]}>
              {steps.length < diff.total_steps
                ? `${formatInteger(steps.length)} of ${plural(diff.total_steps, "step")} loaded`
                : plural(diff.total_steps, "step")}
            </span>
            {stopped ? (
              <Button look="quiet" onClick={onReload}>
                {stopped.message} Load again
              </Button>
            ) : null}
          </div>
          {shown.length === 0 ? (
            <EmptyState title="No differences">
              <p>Every step of both traces is the same, durations aside.</p>
            </EmptyState>
          ) : (
            <StepList steps={shown} selected={selected} onSelect={select} />
          )}
        </div>
        {step ? (
          <>
            <ResizeHandle
              label="Width of the step's panel"
              value={panelWidth}
              min={360}
              max={1200}
              grows="left"
              onChange={(width) => change({ panelWidth: width })}
            />
            <aside className={classes["panel"]} style={{ width: panelWidth }} aria-label="Step">
              <StepPanel key={stepKey(step)} step={step} left={diff.left} right={diff.right} onClose={close} />
            </aside>
          </>
        ) : null}
      </div>
    </>
  );
}
