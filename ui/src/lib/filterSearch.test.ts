import { describe, expect, it } from "vitest";
import { filterOf, parseActivitySearch, parseFilterSearch, parseIdSearch, rangeOr, shownRange, sortSearch } from "./filterSearch";

describe("the filter in a URL", () => {
  it("keeps what makes sense and drops the rest", () => {
    expect(parseFilterSearch({ q: "app:x", since: "7d", live: true })).toEqual({ q: "app:x", since: "7d" });
    expect(parseFilterSearch({ q: "", since: "soon", start: "yesterday" })).toEqual({});
    expect(parseFilterSearch({ q: ["a"] })).toEqual({});
  });

  it("reads ids and queries that look like numbers or flags as text", () => {
    expect(parseFilterSearch({ q: 42 })).toEqual({ q: "42" });
    expect(parseIdSearch({ id: true })).toEqual({ id: "true" });
    expect(parseIdSearch({})).toEqual({ id: "" });
  });

  it("leaves out the usual order and orders that there are not", () => {
    expect(parseActivitySearch({ sort: "-cost", q: "x" })).toEqual({ sort: "-cost", q: "x" });
    expect(parseActivitySearch({ sort: "-last" })).toEqual({});
    expect(parseActivitySearch({ sort: "name" })).toEqual({});
    expect(sortSearch(undefined)).toEqual({});
  });

  it("falls back to another range only when there is none", () => {
    expect(rangeOr({}, "30d")).toEqual({ since: "30d" });
    expect(rangeOr({ start: "2026-01-01T00:00:00Z" }, "30d")).toEqual({ start: "2026-01-01T00:00:00Z" });
    expect(filterOf({ since: "1h", q: "" })).toEqual({ since: "1h" });
    expect(shownRange({})).toEqual({ since: "24h" });
    expect(shownRange({ since: "7d" })).toEqual({ since: "7d" });
  });
});
