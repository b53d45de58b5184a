import { expect, it } from "vitest";
import { charactersAt, unitsAt } from "./characters";

it("places are found again on both sides of an emoji", () => {
  const text = "a😀b";
  expect([0, 1, 3, 4].map((units) => charactersAt(text, units))).toEqual([0, 1, 2, 3]);
  expect([0, 1, 2, 3].map((characters) => unitsAt(text, characters))).toEqual([0, 1, 3, 4]);
});
