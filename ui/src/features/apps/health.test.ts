import { describe, expect, it } from "vitest";
import type { AppHealth } from "@/api/schema";
import { healthOf } from "./health";

function app(given: Partial<AppHealth>, before?: Partial<AppHealth>): AppHealth {
  const figures = { traces: 100, errors: 0, p50_ns: 1, p95_ns: 10, ...given };
  return { ...figures, before: before ? { traces: 100, errors: 0, p95_ns: 10, ...before } : null } as AppHealth;
}

describe("the health of an app", () => {
  it("is fine without failures, whatever was before", () => {
    expect(healthOf(app({})).level).toBe("ok");
    expect(healthOf(app({}, { errors: 50 })).level).toBe("ok");
  });

  it("is failing from one trace in twenty on", () => {
    expect(healthOf(app({ errors: 5 })).level).toBe("error");
    expect(healthOf(app({ errors: 4 }, { errors: 4 })).level).toBe("ok");
  });

  it("is worth a look when failures doubled, unless they are few", () => {
    expect(healthOf(app({ errors: 4 }, { errors: 1 })).level).toBe("warn");
    expect(healthOf(app({ errors: 2 }, { errors: 0 })).level).toBe("ok");
  });

  it("is worth a look when it became much slower", () => {
    expect(healthOf(app({ p95_ns: 16 }, { p95_ns: 10 }))).toEqual({
      level: "warn",
      text: "Slower: p95 is 1.6 times that of the period before",
    });
  });
});
