import { expect, it } from "vitest";
import { rangeInWords } from "./money";

it("names a range of a forecast, unless both of its ends are the same amount", () => {
  expect(rangeInWords("12.3", "20")).toBe(", between $12.30 and $20.00");
  expect(rangeInWords("145.49", "145.4901")).toBe("");
});
