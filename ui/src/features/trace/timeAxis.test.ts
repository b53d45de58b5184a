import { describe, expect, it } from "vitest";
import { axisTicks, placeSpan } from "./timeAxis";

describe("placeSpan", () => {
  const period = { startNs: 100, lengthNs: 100 };
  it("gives shares of the axis", () => {
    expect(placeSpan(period, 120, 30)).toEqual({ left: 0.2, right: 0.5, side: null });
  });

  it("cuts off what lies outside", () => {
    expect(placeSpan(period, 0, 1_000)).toEqual({ left: 0, right: 1, side: null });
  });

  it("says on which side a span is that lies outside as a whole", () => {
    expect(placeSpan(period, 0, 50).side).toBe("left");
    expect(placeSpan(period, 300, 1).side).toBe("right");
  });
});

describe("axisTicks", () => {
  it.each([1, 999, 1e6, 3.9e9, 3.6e12])("marks %d ns with a few round steps from zero", (total) => {
    const ticks = axisTicks(total);
    expect(ticks[0]).toBe(0);
    expect(ticks.length).toBeLessThan(10);
    expect(ticks.every((tick) => tick < total)).toBe(true);
  });
});
