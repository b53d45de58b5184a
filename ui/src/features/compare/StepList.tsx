import { memo, type KeyboardEvent, useEffect } from "react";
import type { DiffStep, StepSide } from "@/api/schema";
import { AddedIcon, ChangedIcon, ErrorIcon, RemovedIcon } from "@/kit/icons";
import { KindIcon } from "@/kit/KindIcon";
import { formatDuration } from "@/lib/format";
import { parseKind } from "@/lib/kinds";
import { useRowWindow } from "@/lib/useRowWindow";
import classes from "./Compare.module.css";
import { CostDelta, DurationDelta, TokenDelta } from "./Delta";

const ROW_PX = 30;
const HEAD_PX = 28;
const MAX_INDENT = 12;
const PAGE = 20;

type ListProps = { steps: readonly DiffStep[]; selected: number; onSelect: (index: number) => void };

/** The aligned steps as one virtual list. */
export const StepList = memo(function StepList({ steps, selected, onSelect }: ListProps) {
  const { scroller, first, last, scrollTo } = useRowWindow(steps.length, { rowPx: ROW_PX, headPx: HEAD_PX });
  useEffect(() => {
    if (selected >= 0) scrollTo(selected);
  }, [selected, scrollTo]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = keyTarget(event.key, selected, steps.length);
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onSelect(target);
  };
  return (
    <div
      ref={scroller}
      className={classes["scroll"]}
      role="listbox"
      aria-label="Steps"
      tabIndex={0}
      {...(selected >= 0 ? { "aria-activedescendant": `step-${selected}` } : {})}
      onKeyDown={onKeyDown}
    >
      <div className={classes["head"]} aria-hidden>
        <span>Step</span>
        <span>What changed</span>
        <span className={classes["number"]}>Left</span>
        <span className={classes["number"]}>Right</span>
        <span className={classes["number"]}>Time</span>
        <span className={classes["number"]}>Tokens</span>
        <span className={classes["number"]}>Cost</span>
      </div>
      <div className={classes["list"]} role="presentation" style={{ height: steps.length * ROW_PX }}>
        {steps.slice(first, last).map((step, offset) => (
          <StepRow
            key={first + offset}
            step={step}
            index={first + offset}
            selected={first + offset === selected}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  );
});

function keyTarget(key: string, selected: number, count: number): number | undefined {
  const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };
  const move = moves[key];
  if (move !== undefined) return Math.min(count - 1, Math.max(0, selected + move));
  return key === "Home" ? 0 : key === "End" ? count - 1 : undefined;
}

type RowProps = { step: DiffStep; index: number; selected: boolean; onSelect: (index: number) => void };

const StepRow = memo(function StepRow({ step, index, selected, onSelect }: RowProps) {
  const { left, right, outcome, depth, delta } = step;
  const side = right ?? left;
  if (!side) return null;
  return (
    // The list holds the focus and names the active row; keys are handled there and by the page.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={`step-${index}`}
      role="option"
      aria-selected={selected}
      className={classes["row"]}
      data-outcome={outcome}
      style={{ top: index * ROW_PX, ["--indent" as string]: Math.min(depth, MAX_INDENT) }}
      onClick={() => onSelect(index)}
    >
      <span className={classes["step"]}>
        <OutcomeMark outcome={outcome} />
        <KindIcon kind={parseKind(side.kind)} />
        <Names left={left} right={right} />
        {side.status === "error" ? (
          <ErrorIcon size={13} color="var(--sl-error)" role="img" aria-label="Error" style={{ flex: "none" }} />
        ) : null}
      </span>
      <span className={classes["changes"]}>{changesText(step)}</span>
      <span className={classes["number"]}>{left ? formatDuration(left.duration_ns) : ""}</span>
      <span className={classes["number"]}>{right ? formatDuration(right.duration_ns) : ""}</span>
      <span className={classes["number"]}>
        <DurationDelta ns={delta.duration_ns} />
      </span>
      <span className={classes["number"]}>{delta.tokens === 0 ? "" : <TokenDelta tokens={delta.tokens} />}</span>
      <span className={classes["number"]}>
        {delta.cost_usd === "0" ? "" : <CostDelta usd={delta.cost_usd} known={hasCost(left) || hasCost(right)} />}
      </span>
    </div>
  );
});

function hasCost(side: StepSide | null): boolean {
  return side !== null && side.cost_usd !== null;
}

function Names({ left, right }: { left: StepSide | null; right: StepSide | null }) {
  if (left && right && left.name !== right.name) {
    return (
      <span className={classes["name"]}>
        <del>{left.name}</del> <ins>{right.name}</ins>
      </span>
    );
  }
  return <span className={classes["name"]}>{(right ?? left)?.name || "(no name)"}</span>;
}

const OUTCOMES = {
  same: null,
  changed: { Icon: ChangedIcon, color: "var(--sl-warn)", label: "Changed" },
  left: { Icon: RemovedIcon, color: "var(--sl-error)", label: "Only left" },
  right: { Icon: AddedIcon, color: "var(--sl-ok)", label: "Only right" },
} as const;

function OutcomeMark({ outcome }: { outcome: DiffStep["outcome"] }) {
  const mark = OUTCOMES[outcome];
  if (!mark) return <span className={classes["mark"]} />;
  const { Icon, color, label } = mark;
  return (
    <span className={classes["mark"]} title={label}>
      <Icon size={13} color={color} role="img" aria-label={label} />
    </span>
  );
}

function changesText({ outcome, changes, left, right }: DiffStep): string {
  if (outcome === "left") return "only left";
  if (outcome === "right") return "only right";
  // What the columns beside it show with figures needs no words.
  const shown = new Set<string>(["tokens", "cost", "name", ...(changes.includes("status") ? ["failure"] : [])]);
  return changes
    .filter((change) => !shown.has(change))
    .map((change) => {
      if (change === "status") return right?.status === "error" ? "fails now" : "fails no more";
      if (change === "failure") return `${failureOf(left)} → ${failureOf(right)}`;
      if (change === "model") return `${left?.model || "no model"} → ${right?.model || "no model"}`;
      return change;
    })
    .join(", ");
}

function failureOf(side: StepSide | null): string {
  return side?.failure_category.replaceAll("_", " ") || "no failure";
}
