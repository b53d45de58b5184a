import type { ReactNode } from "react";
import type { TraceSummary } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { Cost, Duration, Timestamp, Tokens } from "@/kit/Figures";
import { ABSENT, formatInteger } from "@/lib/format";
import classes from "./TraceTable.module.css";

export type SortKey = "start" | "duration" | "tokens" | "cost";

/** A column that can be chosen; status and name are always there. */
export type Column = {
  id: string;
  label: string;
  minPx: number;
  /** Its part of the width that is left over. */
  grow: number;
  sort?: SortKey;
  look?: "dim" | "figure" | "preview";
  cell: (trace: TraceSummary) => ReactNode;
};

export const COLUMNS: readonly Column[] = [
  {
    id: "time",
    label: "Started",
    minPx: 112,
    grow: 0,
    sort: "start",
    look: "dim",
    cell: (trace) => <Timestamp time={trace.start_time} shape="list" />,
  },
  text("app", "App", 108, 0.55, (trace) => trace.app),
  text("environment", "Environment", 90, 0.4, (trace) => trace.environment),
  {
    id: "duration",
    label: "Duration",
    minPx: 84,
    grow: 0,
    sort: "duration",
    look: "figure",
    cell: (trace) => <Duration ns={trace.duration_ns} />,
  },
  {
    id: "tokens",
    label: "Tokens",
    minPx: 70,
    grow: 0,
    sort: "tokens",
    look: "figure",
    cell: (trace) => <Tokens tokens={trace.tokens} />,
  },
  {
    id: "cost",
    label: "Cost",
    minPx: 82,
    grow: 0,
    sort: "cost",
    look: "figure",
    cell: (trace) => <Cost cost={trace.cost} />,
  },
  count("spans", "Spans", (trace) => trace.span_count),
  count("errors", "Errors", (trace) => trace.error_count),
  count("llm_calls", "Model calls", (trace) => trace.llm_calls),
  text("models", "Models", 110, 0.7, (trace) => trace.models.join(", ")),
  text("session", "Session", 90, 0.5, (trace) => trace.session),
  text("user", "User", 90, 0.5, (trace) => trace.user),
  {
    id: "preview",
    label: "Input → output",
    minPx: 180,
    grow: 2,
    look: "preview",
    cell: (trace) => <Preview trace={trace} />,
  },
];

const USUAL = new Set(["time", "app", "duration", "tokens", "cost", "models", "preview"]);

const GAP_PX = 12;
const EDGES_PX = 32;
const STATUS_PX = 24;
const NAME = { minPx: 170, grow: 1.4 };

/** The grid of a row: its tracks, and the width that it needs at least. */
export function gridOf(columns: readonly Column[]): { tracks: string; minWidth: string } {
  const flexible = [NAME, ...columns];
  const tracks = flexible.map(({ minPx, grow }) => (grow > 0 ? `minmax(${minPx}px, ${grow}fr)` : `${minPx}px`));
  const least = flexible.reduce((sum, { minPx }) => sum + minPx + GAP_PX, STATUS_PX + EDGES_PX);
  return { tracks: [`${STATUS_PX}px`, ...tracks].join(" "), minWidth: `${least}px` };
}

/** The columns of a choice, in the order of `COLUMNS`; unknown ids count as not chosen. */
export function chosenColumns(ids: readonly string[] | null): readonly Column[] {
  const wanted = ids ? new Set(ids) : USUAL;
  return COLUMNS.filter(({ id }) => wanted.has(id));
}

function text(id: string, label: string, minPx: number, grow: number, read: (trace: TraceSummary) => string): Column {
  return { id, label, minPx, grow, look: "dim", cell: (trace) => <span title={read(trace)}>{read(trace)}</span> };
}

function count(id: string, label: string, read: (trace: TraceSummary) => number): Column {
  return {
    id,
    label,
    minPx: label.length * 7 + 14,
    grow: 0,
    look: "figure",
    cell: (trace) => (read(trace) === 0 ? <span className={classes["faint"]}>{ABSENT}</span> : formatInteger(read(trace))),
  };
}

function Preview({ trace }: { trace: TraceSummary }) {
  return (
    <>
      {trace.failure_categories.map((category) => (
        <span key={category} className={classes["category"]}>
          <Badge tone="error">{category.replaceAll("_", " ")}</Badge>
        </span>
      ))}
      {trace.input_preview}
      {trace.output_preview ? <span className={classes["arrow"]}>→</span> : null}
      {trace.output_preview}
    </>
  );
}
