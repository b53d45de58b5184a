import { expect, it } from "vitest";
import { queryOf } from "./versions";

it("asks for traces with a call of the version to which the query of its figures applies", () => {
  const call = 'kind:llm,embedding prompt:"a b" prompt_version:2';
  expect(queryOf("a b", "2")).toBe(`{${call}}`);
  expect(queryOf("a b", "2", "status:error cost>1")).toBe(`{status:error cost>1 ${call}}`);
  expect(queryOf("a b", "2", "app:x OR app:y")).toBe(`{(app:x OR app:y) ${call}}`);
});

it("asks of the trace what cannot be asked of one call", () => {
  const call = "{kind:llm,embedding prompt:p prompt_version:2}";
  expect(queryOf("p", "2", "spans>3")).toBe(`spans>3 ${call}`);
  expect(queryOf("p", "2", "{kind:tool} > {kind:llm}")).toBe(`{kind:tool} > {kind:llm} ${call}`);
});
