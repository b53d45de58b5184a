import { type CSSProperties, memo } from "react";
import type { TableColumn } from "./columns";
import classes from "./VirtualTable.module.css";

type RowProps = {
  row: unknown;
  columns: readonly TableColumn<unknown>[];
  index: number;
  top: number;
  active: boolean;
};

export const TableRow = memo(function TableRow({ row, columns, index, top, active }: RowProps) {
  return (
    <div
      role="row"
      className={classes["row"]}
      style={{ transform: `translateY(${top}px)` }}
      data-active={active}
      aria-rowindex={index + 2}
    >
      {columns.map(({ id, figure, dim, phone, cell }) => (
        <span
          key={id}
          role="cell"
          data-cell={id}
          className={[
            classes["cell"],
            figure && classes["figure"],
            dim && classes["dim"],
            !phone && classes["wide"],
          ]
            .filter(Boolean)
            .join(" ")}
          style={phone ? ({ "--place": phone } as CSSProperties) : undefined}
        >
          {cell(row)}
        </span>
      ))}
    </div>
  );
});
