import { describe, expect, it } from "vitest";
import { filterOf, parseTraceListSearch, withRange } from "./search";

describe("parseTraceListSearch", () => {
  it("keeps what makes sense and drops the rest, and what is usual", () => {
    const search = { q: "app:shop", sort: "-cost", chart: "latency", live: true, by: "model", since: "6h" };
    expect(parseTraceListSearch({ ...search, stranger: 1 })).toEqual(search);
    expect(parseTraceListSearch({ q: "", sort: "-start", chart: "traces", live: "yes", by: 3, since: "soon" })).toEqual({});
  });

  it("reads a query of digits, which comes as a number", () => {
    expect(parseTraceListSearch({ q: 123 })).toEqual({ q: "123" });
  });

  it("turns the app of an old link into a condition", () => {
    expect(parseTraceListSearch({ app: "my shop" })).toEqual({ q: 'app:"my shop"' });
    expect(parseTraceListSearch({ app: "shop", q: "refund" })).toEqual({ q: "refund app:shop" });
    expect(parseTraceListSearch({ app: 42 })).toEqual({ q: "app:42" });
  });
});

it("withRange replaces the whole range and leaves the rest", () => {
  const fixed = { start: "2026-09-21T10:00:00Z", end: "2026-09-21T11:00:00Z" };
  expect(withRange({ q: "x", ...fixed }, { since: "1h" })).toEqual({ q: "x", since: "1h" });
  expect(filterOf({ q: "x", sort: "-cost", ...fixed })).toEqual({ q: "x", ...fixed });
});
