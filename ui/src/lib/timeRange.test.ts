import { expect, it } from "vitest";
import { parseRangeSearch, weekAround } from "./timeRange";

it("the week around a time has the time in it", () => {
  const now = Date.parse("2026-11-28T12:00:00Z");
  expect(weekAround("2026-11-27T12:00:00Z", now)).toEqual({ since: "7d" });
  expect(weekAround("2025-03-19T16:00:00Z", now)).toEqual({
    start: "2025-03-12T16:00:00.000Z",
    end: "2025-03-26T16:00:00.000Z",
  });
});

it("a time that the API would refuse counts as not given", () => {
  const exact = { start: "2026-11-28T12:00:00.5+01:00", end: "2026-11-28T12:00:00Z" };
  expect(parseRangeSearch(exact)).toEqual(exact);
  for (const start of ["2026-11-28", "2026-11-28T12:00:00", "2026-11-28T99:00:00Z", "May 5"]) {
    expect(parseRangeSearch({ start })).toEqual({});
  }
});
