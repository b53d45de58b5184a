import { useQuery } from "@tanstack/react-query";
import { sqlTablesQuery } from "@/api/sql";
import { ErrorState } from "@/kit/States";
import classes from "./Sql.module.css";

/** The tables that a query may name, each with its columns. */
export function TableList() {
  const { data, error, refetch } = useQuery(sqlTablesQuery);
  return (
    <aside className={classes["tables"]} aria-label="Tables">
      {error && !data ? <ErrorState error={error} retry={() => void refetch()} /> : null}
      {data?.tables.map(({ name, columns }) => (
        <details key={name}>
          <summary>{name}</summary>
          <p>{columns.join(", ")}</p>
        </details>
      ))}
    </aside>
  );
}
