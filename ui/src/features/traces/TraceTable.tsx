import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { TraceSummary } from "@/api/schema";
import { TRACE_SORTS, type TraceSort } from "@/api/traceList";
import { VirtualTable } from "@/kit/table/VirtualTable";
import { usePreferences } from "@/lib/preferences";
import { chosenColumns, tableOf } from "./columns";

const ON_A_PHONE = { rowPx: 76, tracks: "24px minmax(0, 1fr) auto" };

type TableProps = {
  /** Names the list; its place is found again when the same list is shown next. */
  listKey: string;
  traces: readonly TraceSummary[];
  more?: { load: () => void };
  sort: TraceSort;
  onSort: (sort: TraceSort) => void;
  onHold: (held: boolean) => void;
};

/** Traces with the columns that were chosen. */
export function TraceTable({ listKey, traces, more, sort, onSort, onHold }: TableProps) {
  const navigate = useNavigate();
  const [{ traceColumns }] = usePreferences();
  const { columns, minWidth } = useMemo(() => tableOf(chosenColumns(traceColumns)), [traceColumns]);
  return (
    <VirtualTable
      label="Traces"
      rows={traces}
      columns={columns}
      idOf={({ trace_id }) => trace_id}
      noun="trace"
      minWidth={minWidth}
      phone={ON_A_PHONE}
      placeKey={`traces ${listKey}`}
      sorting={{
        by: sort,
        reversible: true,
        onSort: (by) => onSort(TRACE_SORTS.find((known) => known === by) ?? sort),
      }}
      onOpen={({ trace_id }) => void navigate({ to: "/t/$traceId", params: { traceId: trace_id } })}
      onHold={onHold}
      {...(more ? { more } : {})}
    />
  );
}
