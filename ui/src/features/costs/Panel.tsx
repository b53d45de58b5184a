import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState, LoadingRows } from "@/kit/States";
import classes from "./Costs.module.css";

type PanelProps = { title: string; note?: string; actions?: ReactNode; children: ReactNode };

/** A part of the page with a heading. */
export function Panel({ title, note, actions, children }: PanelProps) {
  return (
    <section className={classes["panel"]} aria-label={title}>
      <div className={classes["heading"]}>
        <h2>{title}</h2>
        {actions}
      </div>
      {note ? <p className={classes["note"]}>{note}</p> : null}
      {children}
    </section>
  );
}

type AnswerProps<Data> = { query: UseQueryResult<Data>; label: string; children: (data: Data) => ReactNode };

/** What a question was answered with, or why not yet. */
export function Answer<Data>({ query, label, children }: AnswerProps<Data>) {
  if (query.error) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return query.isFetching ? <LoadingRows rows={4} label={label} /> : null;
  return children(query.data);
}
