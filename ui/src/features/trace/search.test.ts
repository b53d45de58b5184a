import { expect, test } from "vitest";
import { linkToSpan } from "./search";

test("a link to the span that a trace opens on names the span", () => {
  const trace = "http://host/base/t/abc";
  expect(linkToSpan(trace, "00f067aa0ba902b7")).toBe(`${trace}?span=00f067aa0ba902b7`);
  expect(linkToSpan(`${trace}?find=a+b&span=1111111111111111`, "00f067aa0ba902b7")).toBe(
    `${trace}?find=a+b&span=00f067aa0ba902b7`,
  );
});
