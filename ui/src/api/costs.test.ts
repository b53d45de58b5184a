import { describe, expect, it } from "vitest";
import { unitOf } from "./costs";

describe("unitOf", () => {
  it("takes buckets that a chart of the range can show", () => {
    expect(unitOf({})).toBe("hour");
    expect(unitOf({ since: "2d" })).toBe("hour");
    expect(unitOf({ since: "7d" })).toBe("day");
    expect(unitOf({ since: "13w" })).toBe("day");
    expect(unitOf({ since: "all" })).toBe("month");
    expect(unitOf({ start: "2026-01-01T00:00:00Z", end: "2026-01-02T12:00:00Z" })).toBe("hour");
    expect(unitOf({ start: "2026-01-01T00:00:00Z", end: "2026-12-01T00:00:00Z" })).toBe("month");
  });

  it("keeps what was asked for", () => {
    expect(unitOf({ since: "30d", unit: "week" })).toBe("week");
  });
});
