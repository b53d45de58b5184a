import type { TraceSummary } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { Cost, Duration, Timestamp, Tokens } from "@/kit/Figures";
import { KindIcon } from "@/kit/KindIcon";
import { StatusMark } from "@/kit/StatusMark";
import type { TableColumn } from "@/kit/table/columns";
import { RowLink } from "@/kit/table/RowLink";
import { ABSENT, formatInteger } from "@/lib/format";
import { parseKind } from "@/lib/kinds";
import classes from "./TraceTable.module.css";

type TraceColumn = Omit<TableColumn<TraceSummary>, "width"> & {
  minPx: number;
  /** Its part of the width that is left over. */
  grow: number;
};

const ALWAYS: readonly TraceColumn[] = [
  {
    id: "status",
    label: "Status",
    hideLabel: true,
    minPx: 24,
    grow: 0,
    phone: "1 / 1",
    cell: (trace) => <StatusMark trace={trace} />,
  },
  {
    id: "name",
    label: "Name",
    minPx: 148,
    grow: 1.25,
    phone: "1 / 2",
    cell: (trace) => (
      <span className={classes["name"]}>
        <KindIcon kind={parseKind(trace.kind)} />
        <RowLink
          to="/t/$traceId"
          params={{ traceId: trace.trace_id }}
          title={trace.name}
        >
          {trace.name || "(no name)"}
        </RowLink>
      </span>
    ),
  },
];

/** Columns that can be chosen; status and name are always there. */
export const COLUMNS: readonly TraceColumn[] = [
  {
    id: "time",
    label: "Started",
    minPx: 124,
    grow: 0,
    sort: "-start",
    dim: true,
    phone: "2 / 2",
    cell: (trace) => <Timestamp time={trace.start_time} shape="list" />,
  },
  text("app", "App", 90, 0.95, (trace) => trace.app),
  text("environment", "Environment", 90, 0.4, (trace) => trace.environment),
  {
    id: "duration",
    label: "Duration",
    minPx: 72,
    grow: 0,
    sort: "-duration",
    figure: true,
    phone: "1 / 3",
    cell: (trace) => <Duration ns={trace.duration_ns} />,
  },
  {
    id: "tokens",
    label: "Tokens",
    minPx: 60,
    grow: 0,
    sort: "-tokens",
    figure: true,
    cell: (trace) => <Tokens tokens={trace.tokens} />,
  },
  {
    id: "cost",
    label: "Cost",
    minPx: 92,
    grow: 0,
    sort: "-cost",
    figure: true,
    phone: "2 / 3",
    cell: (trace) => <Cost cost={trace.cost} />,
  },
  count("spans", "Spans", (trace) => trace.span_count),
  count("errors", "Errors", (trace) => trace.error_count),
  count("llm_calls", "Model calls", (trace) => trace.llm_calls),
  text("models", "Models", 80, 0.8, (trace) => trace.models.join(", ")),
  text("session", "Session", 90, 0.5, (trace) => trace.session),
  text("user", "User", 90, 0.5, (trace) => trace.user),
  {
    id: "preview",
    label: "Input → output",
    minPx: 130,
    grow: 2,
    dim: true,
    phone: "3 / 2 / 3 / 4",
    cell: (trace) => <Preview trace={trace} />,
  },
];

const USUAL = new Set(["time", "app", "duration", "tokens", "cost", "models", "preview"]);

/** Between the columns, and left and right of them. */
const GAP_PX = 14;
const EDGES_PX = 32;

/** What the table needs to know of chosen columns: all with their tracks, and the width that they need. */
export function tableOf(chosen: readonly TraceColumn[]): { columns: readonly TableColumn<TraceSummary>[]; minWidth: number } {
  const all = [...ALWAYS, ...chosen];
  return {
    columns: all.map(({ minPx, grow, ...column }) => ({
      ...column,
      width: grow > 0 ? `minmax(${minPx}px, ${grow}fr)` : `${minPx}px`,
    })),
    minWidth: all.reduce((sum, { minPx }) => sum + minPx + GAP_PX, EDGES_PX - GAP_PX),
  };
}

/** The columns of a choice, in the order of `COLUMNS`; unknown ids count as not chosen. */
export function chosenColumns(ids: readonly string[] | null): readonly TraceColumn[] {
  const wanted = ids ? new Set(ids) : USUAL;
  return COLUMNS.filter(({ id }) => wanted.has(id));
}

function text(id: string, label: string, minPx: number, grow: number, read: (trace: TraceSummary) => string): TraceColumn {
  return { id, label, minPx, grow, dim: true, cell: (trace) => <span title={read(trace)}>{read(trace)}</span> };
}

function count(id: string, label: string, read: (trace: TraceSummary) => number): TraceColumn {
  return {
    id,
    label,
    minPx: label.length * 7 + 14,
    grow: 0,
    figure: true,
    cell: (trace) => (read(trace) === 0 ? <span className={classes["faint"]}>{ABSENT}</span> : formatInteger(read(trace))),
  };
}

function Preview({ trace }: { trace: TraceSummary }) {
  const { input_preview, output_preview } = trace;
  const [failure, ...others] = trace.failure_categories.map((category) => category.replaceAll("_", " "));
  const arrow = output_preview ? "→" : "";
  return (
    <span className={classes["preview"]} title={[input_preview, arrow, output_preview].filter(Boolean).join(" ")}>
      {failure ? <Badge tone="error">{failure}</Badge> : null}
      {/* Several leave no room for what was asked. */}
      {others.length > 0 ? (
        <Badge tone="error" title={others.join(", ")}>
          <span aria-hidden>+{others.length}</span>
          <span className="visually-hidden">{others.join(", ")}</span>
        </Badge>
      ) : null}
      <span className={classes["asked"]}>{input_preview}</span>
      {arrow ? <span className={classes["arrow"]}>{arrow}</span> : null}
      {arrow ? <span className={classes["answered"]}>{output_preview}</span> : null}
    </span>
  );
}
