import type { SqlAnswer } from "@/api/schema";

const FIGURE = /^(Nullable\(|LowCardinality\()*(U?Int|Float|Decimal)/;

/** Whether a type of ClickHouse is a number. */
export function isFigure(type: string): boolean {
  return FIGURE.test(type);
}

/** A value as one line of text. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  return typeof value === "string" ? value : JSON.stringify(value);
}

const CHARACTER_PX = 8;
const SHORTEST = 8;
const LONGEST = 40;
const LOOKED_AT = 200;

/** How many pixels each column wants: as many as its longest text, within bounds. */
export function columnWidths({ columns, rows }: Pick<SqlAnswer, "columns" | "rows">): number[] {
  const looked = rows.slice(0, LOOKED_AT);
  return columns.map(({ name }, index) => {
    const longest = Math.max(SHORTEST, name.length, ...looked.map((row) => cellText(row[index]).length));
    return Math.min(LONGEST, longest) * CHARACTER_PX;
  });
}

/** The answer as spreadsheets take it from the clipboard; no cell begins a formula. */
export function tabSeparated({ columns, rows }: SqlAnswer): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => row.map(cellText))];
  return lines.map((line) => line.map(plainCell).join("\t")).join("\n");
}

function plainCell(text: string): string {
  const line = text.replace(/[\t\r\n]+/g, " ");
  const isNumber = /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(line);
  return /^[=+\-@]/.test(line) && !isNumber ? `'${line}` : line;
}
