import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { SqlAnswer, SqlColumnModel } from "@/api/schema";
import { CopyButton } from "@/kit/CopyButton";
import { TableIcon } from "@/kit/icons";
import { EmptyState } from "@/kit/States";
import type { TableColumn } from "@/kit/table/columns";
import { VirtualTable } from "@/kit/table/VirtualTable";
import { formatInteger } from "@/lib/format";
import { traceIdIn } from "@/lib/traceId";
import { cellText, columnWidths, isFigure, tabSeparated } from "./cells";
import classes from "./Sql.module.css";

type Row = { index: number; cells: SqlAnswer["rows"][number] };

const TRACE_ID = "trace_id";
const ROW_PX = 32;
const GAP_PX = 14;

/** The rows of an answer, and what it cost to get them. */
export function SqlResult({ answer }: { answer: SqlAnswer }) {
  const navigate = useNavigate();
  const rows = useMemo(() => answer.rows.map((cells, index) => ({ index, cells })), [answer]);
  const widths = useMemo(() => columnWidths(answer), [answer]);
  const columns = useMemo(
    () => answer.columns.map((column, index) => columnOf(column, index, widths[index] ?? 0)),
    [answer, widths],
  );
  const traceColumn = answer.columns.findIndex(({ name }) => name === TRACE_ID);
  const open = ({ cells }: Row): void => {
    const traceId = cells[traceColumn];
    if (typeof traceId === "string") void navigate({ to: "/t/$traceId", params: { traceId } });
  };
  return (
    <>
      <p className={classes["figures"]} role="status">
        {answer.truncated ? `The first ${formatInteger(rows.length)} rows; there are more` : rowsOf(rows.length)}
        {` · ${formatInteger(answer.rows_read)} read · ${(answer.elapsed_s * 1000).toFixed(0)} ms`}
        <CopyButton label="Copy as table" text={() => tabSeparated(answer)} />
      </p>
      {rows.length === 0 ? (
        <EmptyState icon={<TableIcon size={22} aria-hidden />} title="No rows">
          The query ran and found nothing. A range of start_time that is too short is the usual reason.
        </EmptyState>
      ) : (
        <VirtualTable
          label="Answer"
          rows={rows}
          columns={columns}
          idOf={({ index }) => String(index)}
          noun="row"
          rowPx={ROW_PX}
          minWidth={widths.reduce((sum, width) => sum + width + GAP_PX, GAP_PX)}
          phone="sideways"
          onOpen={open}
        />
      )}
    </>
  );
}

function rowsOf(count: number): string {
  return count === 1 ? "1 row" : `${formatInteger(count)} rows`;
}

function columnOf({ name, type }: SqlColumnModel, index: number, widthPx: number): TableColumn<Row> {
  return {
    id: String(index),
    label: name,
    width: `minmax(${widthPx}px, ${widthPx}fr)`,
    figure: isFigure(type),
    cell: ({ cells }) => <Cell value={cells[index]} isTrace={name === TRACE_ID} />,
  };
}

function Cell({ value, isTrace }: { value: unknown; isTrace: boolean }) {
  const text = cellText(value);
  if (!isTrace || traceIdIn(text) !== text) return <span title={text}>{text}</span>;
  return (
    <Link to="/t/$traceId" params={{ traceId: text }} title={text}>
      {text}
    </Link>
  );
}
