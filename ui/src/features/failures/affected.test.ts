import { expect, test } from "vitest";
import { countedRange, queryOfMembers } from "./affected";

function members(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    fingerprint: `1-${String(index).padStart(16, "0")}`,
    template: "",
    message: "",
  }));
}

test("whom a cluster hit is asked for by the fingerprints of its members, where they are the cause", () => {
  expect(queryOfMembers(members(2))).toBe("{fingerprint:1-0000000000000000,1-0000000000000001 has:failure}");
});

test("there is no query for no members, nor for more than one query can name", () => {
  expect(queryOfMembers([])).toBeNull();
  expect(queryOfMembers(members(500))).toBeNull();
});

test("a figure of whole hours leads to these hours, any other one to its range", () => {
  const hours = { start: "2026-09-21T05:00:00Z", end: "2026-09-21T15:00:00Z" };
  expect(countedRange({ since: "9h" }, hours)).toBe(hours);
  expect(countedRange({ since: "1h" }, null)).toEqual({ since: "1h" });
  expect(countedRange({ since: "all" }, hours)).toEqual({ since: "all" });
});
