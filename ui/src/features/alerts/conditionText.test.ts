import { describe, expect, it } from "vitest";
import { conditionText } from "./conditionText";
import { draftOf } from "./ruleDraft";

const words = (measure: string, condition: Record<string, unknown>): string =>
  conditionText(draftOf({ measure, window: "15m", condition }));

describe("a condition in words", () => {
  it("has the unit of its measure", () => {
    expect(words("cost", { kind: "threshold", warn: 5, alert: 10, recover: 4 })).toBe(
      "alert from $10, warning from $5, recovers at $4, over 15m",
    );
    expect(words("error_rate", { kind: "threshold", alert: 0.07 })).toBe("alert from 7%, over 15m");
    expect(words("latency_p95", { kind: "threshold", alert: 2_500_000_000 })).toBe("alert from 2500 ms, over 15m");
    expect(words("score", { kind: "threshold", alert: 0.5, direction: "below" })).toBe(
      "alert at or below 0.5, over 15m",
    );
  });

  it("is said for every kind", () => {
    expect(words("cost", { kind: "budget", amount: 30, period: "month", zone: "UTC" })).toBe("budget of $30 a month, UTC");
    const rate = { kind: "burn_rate", amount: 30, period: "30d", factor: 10, fast: "5m", slow: "1h" };
    expect(words("cost", rate)).toBe(
      "budget of $30 for 30d, alert when it is used up 10 times too fast, over 5m and 1h",
    );
    expect(words("calls", { kind: "change", ratio: 0.5, floor: 10 })).toBe(
      "50% above the window before, by at least 10, over 15m",
    );
    expect(words("calls", { kind: "anomaly" })).toBe("5 deviations off what is usual at the hour, over 15m");
    expect(words("calls", { kind: "absence" })).toBe("nothing arrives, over 15m");
  });
});
