import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import type { TraceSummary } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { Cost, Duration, Timestamp, Tokens } from "@/kit/Figures";
import { KindIcon } from "@/kit/KindIcon";
import { StatusMark } from "@/kit/StatusMark";
import { parseKind } from "@/lib/kinds";
import classes from "./TraceTable.module.css";

/** Keeps the router from marking the link as the current page. */
const NO_PROPS = {};

type RowProps = { trace: TraceSummary; index: number; top: number; active: boolean };

/** One trace; its name is the link, and the link covers the row. */
export const TraceRow = memo(function TraceRow({ trace, index, top, active }: RowProps) {
  return (
    <div
      role="row"
      className={classes["row"]}
      style={{ transform: `translateY(${top}px)` }}
      data-active={active}
      aria-rowindex={index + 2}
    >
      <Cell id="status">
        <StatusMark status={trace.status} running={trace.running} errors={trace.error_count} />
      </Cell>
      <Cell id="time" look="dim">
        <Timestamp time={trace.start_time} shape="list" />
      </Cell>
      <Cell id="name" look="name">
        <KindIcon kind={parseKind(trace.kind)} />
        <Link
          to="/t/$traceId"
          params={{ traceId: trace.trace_id }}
          className={classes["link"]}
          activeProps={NO_PROPS}
          title={trace.name}
        >
          {trace.name || "(no name)"}
        </Link>
      </Cell>
      <Cell id="app" look="dim">
        {trace.app}
      </Cell>
      <Cell id="duration" look="figure">
        <Duration ns={trace.duration_ns} />
      </Cell>
      <Cell id="tokens" look="figure">
        <Tokens tokens={trace.tokens} />
      </Cell>
      <Cell id="cost" look="figure">
        <Cost cost={trace.cost} />
      </Cell>
      <Cell id="models" look="dim">
        <span title={trace.models.join(", ")}>{trace.models.join(", ")}</span>
      </Cell>
      <Cell id="preview" look="preview">
        {trace.failure_categories.map((category) => (
          <span key={category} className={classes["category"]}>
            <Badge tone="error">{category.replaceAll("_", " ")}</Badge>
          </span>
        ))}
        {trace.input_preview}
        {trace.output_preview ? <span className={classes["arrow"]}>→</span> : null}
        {trace.output_preview}
      </Cell>
    </div>
  );
});

type CellProps = { id: string; look?: "dim" | "name" | "figure" | "preview"; children: ReactNode };

function Cell({ id, look, children }: CellProps) {
  return (
    <span role="cell" data-cell={id} className={`${classes["cell"]} ${look ? classes[look] : ""}`}>
      {children}
    </span>
  );
}
