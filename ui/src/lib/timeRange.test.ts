import { expect, it } from "vitest";
import { weekAround } from "./timeRange";

it("the week around a time has the time in it", () => {
  const now = Date.parse("2026-11-28T12:00:00Z");
  expect(weekAround("2026-11-27T12:00:00Z", now)).toEqual({ since: "7d" });
  expect(weekAround("2025-03-19T16:00:00Z", now)).toEqual({
    start: "2025-03-12T16:00:00.000Z",
    end: "2025-03-26T16:00:00.000Z",
  });
});
