import { expect, it } from "vitest";
import { recentMonths } from "./months";

it("the newest month is the one that it is in the zone", () => {
  const now = new Date("2026-12-01T02:00:00Z");
  expect(recentMonths("UTC", now).slice(0, 2)).toEqual(["2026-12", "2026-11"]);
  expect(recentMonths("America/New_York", now)[0]).toBe("2026-11");
  expect(recentMonths("UTC", new Date("2026-02-10T00:00:00Z"))).toHaveLength(13);
  expect(recentMonths("UTC", new Date("2026-02-10T00:00:00Z"))[2]).toBe("2025-12");
});
