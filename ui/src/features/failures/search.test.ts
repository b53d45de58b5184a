import { expect, it } from "vitest";
import { parseFailureListSearch } from "./search";

it("reads names of digits and flags, which do not come as text", () => {
  expect(parseFailureListSearch({ app: 42, assignee: true })).toEqual({ app: "42", assignee: "true" });
});

it("keeps what makes sense and drops the rest", () => {
  const search = { state: "resolved", category: "timeout", nobody: true, since: "7d" };
  expect(parseFailureListSearch({ ...search, assignee: "ann", app: "", planet: "mars" })).toEqual(search);
});
