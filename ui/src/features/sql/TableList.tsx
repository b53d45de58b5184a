import { useQuery } from "@tanstack/react-query";
import { sqlTablesQuery } from "@/api/sql";
import classes from "./Sql.module.css";

/** The tables that a query may name, each with its columns. */
export function TableList() {
  const { data } = useQuery(sqlTablesQuery);
  return (
    <aside className={classes["tables"]} aria-label="Tables">
      {data?.tables.map(({ name, columns }) => (
        <details key={name}>
          <summary>{name}</summary>
          <p>{columns.join(", ")}</p>
        </details>
      ))}
    </aside>
  );
}
