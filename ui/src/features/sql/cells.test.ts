import { describe, expect, it } from "vitest";
import { cellText, columnWidths, isFigure, tabSeparated } from "./cells";

describe("cells", () => {
  it("tells numbers from other types", () => {
    for (const type of ["UInt64", "Nullable(Float64)", "Decimal(38, 12)", "LowCardinality(UInt8)"]) {
      expect(isFigure(type)).toBe(true);
    }
    for (const type of ["String", "DateTime64(9, 'UTC')", "Array(UInt8)"]) expect(isFigure(type)).toBe(false);
  });

  it("shows every value as one text", () => {
    expect([null, "a", 1.5, ["x"], { a: "b" }].map(cellText)).toEqual(["NULL", "a", "1.5", '["x"]', '{"a":"b"}']);
  });

  it("gives a column the room of its longest text, within bounds", () => {
    const columns = ["trace_id", "n", "a_column_with_a_long_name"].map((name) => ({ name, type: "String" }));
    const rows = [["ab".repeat(16), 1, null], ["", 2, "x".repeat(1000)]];
    expect(columnWidths({ columns, rows })).toEqual([32 * 8, 8 * 8, 40 * 8]);
    expect(columnWidths({ columns, rows: [] })).toEqual([8 * 8, 8 * 8, 25 * 8]);
  });

  it("hands a spreadsheet rows without formulas", () => {
    const columns = [{ name: "a", type: "String" }];
    const rows = [["=1+1"], ["-1.5"], ["@x\ty\nz"]];
    expect(tabSeparated({ columns, rows, truncated: false, rows_read: 3, elapsed_s: 0 })).toBe(
      ["a", "'=1+1", "-1.5", "'@x y z"].join("\n"),
    );
  });
});
