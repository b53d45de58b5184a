import type { ReactNode } from "react";

export type TableColumn<Row> = {
  id: string;
  label: string;
  /** The heading is only for those who hear it. */
  hideLabel?: boolean;
  /** A track of a CSS grid. */
  width: string;
  figure?: boolean;
  dim?: boolean;
  /** What to sort by for the most of it first: `-` and a name. */
  sort?: `-${string}`;
  /** On a phone: the grid area of the cell; without it, it is left out there. */
  phone?: string;
  cell: (row: Row) => ReactNode;
};

export type Sorting = {
  by: string;
  /** Asking again for the same order turns it round. */
  reversible?: boolean;
  onSort: (by: string) => void;
};

export type Direction = "ascending" | "descending";

/** How the rows are sorted by a column, if they are. */
export function directionOf({ sort }: { sort?: `-${string}` }, by: string | undefined): Direction | undefined {
  if (sort === undefined || by === undefined) return undefined;
  if (by === sort) return "descending";
  return by === sort.slice(1) ? "ascending" : undefined;
}
