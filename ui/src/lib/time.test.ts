import { describe, expect, it } from "vitest";
import { formatListTime } from "./time";

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
