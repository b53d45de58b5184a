import { expect, it } from "vitest";
import { charactersAt, revealHidden, unitsAt } from "./characters";

it("places are found again on both sides of an emoji", () => {
  const text = "a😀b";
  expect([0, 1, 3, 4].map((units) => charactersAt(text, units))).toEqual([0, 1, 2, 3]);
  expect([0, 1, 2, 3].map((characters) => unitsAt(text, characters))).toEqual([0, 1, 3, 4]);
});

it("what is hidden in a text is shown as numbers", () => {
  expect(revealHidden("a\u202Egpj.exe\u202C b\u200Bc")).toBe("a‹U+202E›gpj.exe‹U+202C› b‹U+200B›c");
  expect(revealHidden("x\u{e0069}\u{e0067}\u001b[0m")).toBe("x‹U+E0069›‹U+E0067›‹U+001B›[0m");
  expect(revealHidden("ok😀\ufe00\u{e0150}\u3164")).toBe("ok😀‹U+FE00›‹U+E0150›‹U+3164›");
});

it.each(["line\n\ttab\r\n", "👩‍👩‍👧‍👦", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "می‌خواهم", "שלום\u200F", "❤\ufe0f", "葛\u{e0100}", "Donau\u00addampf"])(
  "what belongs to %j stays",
  (text) => {
    expect(revealHidden(text)).toBe(text);
  },
);
