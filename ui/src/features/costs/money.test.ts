import { expect, it } from "vitest";
import { rangeInWords, sumOfUsd } from "./money";

it("names a range of a forecast, unless both of its ends are the same amount", () => {
  expect(rangeInWords("12.3", "20")).toBe(", between $12.30 and $20.00");
  expect(rangeInWords("145.49", "145.4901")).toBe("");
});

it("adds amounts up to the last digit", () => {
  expect(sumOfUsd(["0.1", "0.2"])).toBe("0.3");
  expect(sumOfUsd(["0.000000000001", "0", "12.5"])).toBe("12.500000000001");
  expect(sumOfUsd(["7", "3"])).toBe("10");
  expect(sumOfUsd(["0"])).toBe("0");
});
