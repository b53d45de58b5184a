import { describe, expect, it } from "vitest";
import { formatDay, formatListTime, formatRangeEnd, formatWallTime, parseWallTime } from "./time";

describe("formatListTime", () => {
  const now = new Date("2026-01-01T00:30:00Z");

  it("names the year only when it is another one", () => {
    expect(formatListTime(new Date("2026-01-01T00:10:05Z"), "UTC", now)).toBe("01 Jan, 00:10:05");
    expect(formatListTime(new Date("2024-05-06T07:08:09Z"), "UTC", now)).toBe("06 May 2024, 07:08");
  });

  it("takes the year from the zone that is shown", () => {
    const time = new Date("2025-12-31T23:30:00Z");
    expect(formatListTime(time, "UTC", now)).toBe("31 Dec 2025, 23:30");
    expect(formatListTime(time, "Europe/Berlin", now)).toBe("01 Jan, 00:30:00");
  });
});

it("an end of a range names the year of other years, and seconds where there are some", () => {
  const now = new Date("2026-06-01T00:00:00Z");
  expect(formatRangeEnd(new Date("2026-03-01T12:30:00Z"), "UTC", now)).toBe("01 Mar 12:30");
  expect(formatRangeEnd(new Date("2026-03-01T12:30:40Z"), "UTC", now)).toBe("01 Mar 12:30:40");
  expect(formatRangeEnd(new Date("2024-03-01T12:30:00Z"), "UTC", now)).toBe("01 Mar 2024 12:30");
});

it("a day says its year where that changes", () => {
  const day = new Date("2026-02-09T00:00:00Z");
  expect(formatDay(day, "UTC", new Date("2026-01-01T00:00:00Z"))).toBe("09 Feb");
  expect(formatDay(day, "UTC", new Date("2025-10-22T00:00:00Z"))).toBe("09 Feb 2026");
});

describe("wall times", () => {
  it.each(["2026-03-01T12:30:00.000Z", "2026-03-01T12:00:40.000Z", "2026-07-01T12:00:40.250Z"])(
    "give %s back to the millisecond",
    (text) => {
      expect(parseWallTime(formatWallTime(new Date(text), "Europe/Berlin"), "Europe/Berlin")?.toISOString()).toBe(text);
    },
  );

  it.each([
    ["2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
    ["2026-10-25T02:30", "Europe/Berlin", "2026-10-25T01:30:00.000Z"],
    ["2026-03-08T02:30", "America/New_York", "2026-03-08T07:30:00.000Z"],
    ["2026-11-01T01:30", "America/New_York", "2026-11-01T06:30:00.000Z"],
    ["2026-11-01T12:30", "America/New_York", "2026-11-01T17:30:00.000Z"],
    ["2026-10-31T12:30", "America/New_York", "2026-10-31T16:30:00.000Z"],
  ])("that summer time skips or repeats are read as the later one: %s in %s", (text, zone, time) => {
    expect(parseWallTime(text, zone)?.toISOString()).toBe(time);
  });

  it("have no more digits than they need", () => {
    expect(formatWallTime(new Date("2026-03-01T12:00:00Z"), "UTC")).toBe("2026-03-01T12:00");
    expect(formatWallTime(new Date("2026-03-01T12:00:40Z"), "UTC")).toBe("2026-03-01T12:00:40");
  });
});
