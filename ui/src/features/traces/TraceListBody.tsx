import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Button } from "@/kit/Button";
import { TracesIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { traceIdIn } from "@/lib/traceId";

type ListState = {
  isPending: boolean;
  isFetching: boolean;
  error: Error | null;
  /** Whether the error is about the next page, and not about the rows that are shown. */
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
};

type BodyProps = {
  list: ListState;
  isEmpty: boolean;
  /** What leaves traces out. */
  query: string | undefined;
  /** Whether the range is all time already. */
  widest: boolean;
  onWiden: () => void;
  onClear: () => void;
  children: ReactNode;
};

/** The list, or why there is none. */
export function TraceListBody({ list, isEmpty, query, widest, onWiden, onClear, children }: BodyProps) {
  if (list.isPending) return <LoadingRows rows={14} label="Loading traces" />;
  if (list.error && isEmpty) return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  if (!isEmpty) {
    return (
      <>
        <ListFailure list={list} />
        {children}
      </>
    );
  }
  return (
    <EmptyState
      icon={<TracesIcon size={22} aria-hidden />}
      title="No traces here"
      actions={
        <>
          {widest ? null : <Button onClick={onWiden}>Look at all time</Button>}
          {query === undefined ? null : <Button onClick={onClear}>Clear the query</Button>}
          <TraceOfId query={query} />
        </>
      }
    >
      {query !== undefined ? (
        <>
          No trace of this time range matches the query. A value has to fit as a whole; a star stands for any text, as in{" "}
          <code>model:gpt-4o*</code>.
        </>
      ) : (
        "No trace started in this time range."
      )}
    </EmptyState>
  );
}

/** Leads to the trace whose id, or address, was pasted from a log or a message: it is no text of any trace. */
function TraceOfId({ query }: { query: string | undefined }) {
  const traceId = traceIdIn(query ?? "");
  if (traceId === undefined) return null;
  return (
    <Link to="/t/$traceId" params={{ traceId }}>
      Open the trace with this id
    </Link>
  );
}

/** Where nothing can be found since the query cannot be read. */
export function QueryFaultState({ query, onClear }: { query: string | undefined; onClear: () => void }) {
  return (
    <EmptyState
      title="The query cannot be read"
      actions={
        <>
          <Button onClick={onClear}>Clear the query</Button>
          <TraceOfId query={query} />
        </>
      }
    >
      The bar above marks the place and says what could stand there.
    </EmptyState>
  );
}
