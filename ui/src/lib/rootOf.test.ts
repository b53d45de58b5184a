import { describe, expect, it, test } from "vitest";
import { endedLately, rootOf } from "./rootOf";

const START = "2026-11-26T12:00:00Z";
const at = (time: string): number => Date.parse(`2026-11-26T${time}Z`);

describe("rootOf", () => {
  it("awaits a root for an hour, and no longer", () => {
    expect(rootOf({ running: true, start_time: START }, at("12:59:59"))).toBe("awaited");
    expect(rootOf({ running: true, start_time: START }, at("13:00:00"))).toBe("missing");
    expect(rootOf({ running: false, start_time: START }, at("12:00:01"))).toBe("here");
  });
});

test("more of a trace is awaited for a minute after its end", () => {
  const trace = { start_time: START, duration_ns: 30e9 };
  expect(endedLately(trace, at("12:01:29"))).toBe(true);
  expect(endedLately(trace, at("12:01:31"))).toBe(false);
});
