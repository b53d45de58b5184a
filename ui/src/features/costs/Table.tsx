import type { ReactNode } from "react";
import classes from "./Costs.module.css";

export type Column<Row> = {
  title: string;
  /** Numbers stand to the right. */
  align?: "left";
  /** A sentence, which takes several lines where there is little room. */
  wraps?: boolean;
  cell: (row: Row) => ReactNode;
  exact?: (row: Row) => string | null | undefined;
};

type TableProps<Row> = {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Rows below a line: sums. */
  footer?: readonly Row[];
};

/** A table whose first column names the row. Columns with nothing in them leave their room to the others. */
export function Table<Row>({ label, columns: all, rows, keyOf, footer }: TableProps<Row>) {
  const said = [...rows, ...(footer ?? [])];
  const columns = all.filter(({ cell }, index) => index === 0 || said.length === 0 || said.some((row) => cell(row) !== ""));
  const body = (row: Row): ReactNode => (
    <tr key={keyOf(row)}>
      {columns.map((column, index) => (
        <Cell key={`${index} ${column.title}`} column={column} row={row} first={index === 0} />
      ))}
    </tr>
  );
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- on a narrow screen it scrolls, so it must take the focus
    <div className={classes["scroll"]} tabIndex={0} role="group" aria-label={label}>
      <table className={classes["table"]} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={`${index} ${column.title}`} scope="col" className={isNumber(column, index) ? classes["number"] : ""}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{rows.map(body)}</tbody>
        {footer && footer.length > 0 ? <tfoot>{footer.map(body)}</tfoot> : null}
      </table>
    </div>
  );
}

function Cell<Row>({ column, row, first }: { column: Column<Row>; row: Row; first: boolean }) {
  const exact = column.exact?.(row);
  const title = exact ? { title: exact } : {};
  if (first) {
    return (
      <th scope="row" className={classes["name"]} {...title}>
        {column.cell(row)}
      </th>
    );
  }
  return (
    <td className={column.wraps ? classes["sentence"] : column.align === "left" ? "" : classes["number"]} {...title}>
      {column.cell(row)}
    </td>
  );
}

function isNumber<Row>(column: Column<Row>, index: number): boolean {
  return index > 0 && column.align !== "left";
}
