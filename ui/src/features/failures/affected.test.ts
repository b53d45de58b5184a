import { expect, test } from "vitest";
import { queryOfMembers } from "./affected";

function members(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    fingerprint: `1-${String(index).padStart(16, "0")}`,
    template: "",
    message: "",
  }));
}

test("whom a cluster hit is asked for by the fingerprints of its members", () => {
  expect(queryOfMembers(members(2))).toBe("fingerprint:1-0000000000000000,1-0000000000000001");
});

test("there is no query for no members, nor for more than one query can name", () => {
  expect(queryOfMembers([])).toBeNull();
  expect(queryOfMembers(members(500))).toBeNull();
});
