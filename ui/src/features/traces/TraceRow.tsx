import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { TraceSummary } from "@/api/schema";
import { KindIcon } from "@/kit/KindIcon";
import { StatusMark } from "@/kit/StatusMark";
import { parseKind } from "@/lib/kinds";
import type { Column } from "./columns";
import classes from "./TraceTable.module.css";

/** Keeps the router from marking the link as the current page. */
const NO_PROPS = {};

type RowProps = {
  trace: TraceSummary;
  columns: readonly Column[];
  index: number;
  top: number;
  active: boolean;
};

/** One trace; its name is the link, and the link covers the row. */
export const TraceRow = memo(function TraceRow({ trace, columns, index, top, active }: RowProps) {
  return (
    <div
      role="row"
      className={classes["row"]}
      style={{ transform: `translateY(${top}px)` }}
      data-active={active}
      aria-rowindex={index + 2}
    >
      <span role="cell" data-cell="status" className={classes["cell"]}>
        <StatusMark status={trace.status} running={trace.running} errors={trace.error_count} />
      </span>
      <span role="cell" data-cell="name" className={`${classes["cell"]} ${classes["name"]}`}>
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
      </span>
      {columns.map(({ id, look, cell }) => (
        <span key={id} role="cell" data-cell={id} className={`${classes["cell"]} ${look ? classes[look] : ""}`}>
          {cell(trace)}
        </span>
      ))}
    </div>
  );
});
