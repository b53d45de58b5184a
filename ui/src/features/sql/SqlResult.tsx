import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { SqlAnswer, SqlColumnModel } from "@/api/schema";
import { CopyButton } from "@/kit/CopyButton";
import { TableIcon } from "@/kit/icons";
import { EmptyState } from "@/kit/States";
import type { TableColumn } from "@/kit/table/columns";
import { VirtualTable } from "@/kit/table/VirtualTable";
import { formatInteger } from "@/lib/format";
import { cellText, isFigure, tabSeparated } from "./cells";
import classes from "./Sql.module.css";

type Row = { index: number; cells: SqlAnswer["rows"][number] };

/** The rows of an answer, and what it cost to get them. */
export function SqlResult({ answer }: { answer: SqlAnswer }) {
  const navigate = useNavigate();
  const rows = useMemo(() => answer.rows.map((cells, index) => ({ index, cells })), [answer]);
  const columns = useMemo(() => answer.columns.map(columnOf), [answer]);
  const traceColumn = answer.columns.findIndex(({ name }) => name === "trace_id");
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
          rowPx={32}
          minWidth={columns.length * 130}
          onOpen={open}
        />
      )}
    </>
  );
}

function rowsOf(count: number): string {
  return count === 1 ? "1 row" : `${formatInteger(count)} rows`;
}

/** A phone has room for four columns. */
const PHONE_PLACES = ["1 / 1", "1 / 2", "2 / 1", "2 / 2"] as const;

function columnOf({ name, type }: SqlColumnModel, index: number): TableColumn<Row> {
  const phone = PHONE_PLACES[index];
  return {
    id: String(index),
    label: name,
    width: "minmax(110px, 1fr)",
    figure: isFigure(type),
    ...(phone ? { phone } : {}),
    cell: ({ cells }) => <span title={cellText(cells[index])}>{cellText(cells[index])}</span>,
  };
}
