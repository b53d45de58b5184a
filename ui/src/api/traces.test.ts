import { expect, test } from "vitest";
import { spanQuery, traceQuery, traceTextQuery } from "./traces";

/** How soon a query asks again, as TanStack Query would ask it with this data. */
function pollOf({ refetchInterval }: { refetchInterval?: unknown }, data: unknown): unknown {
  return typeof refetchInterval === "function" ? refetchInterval({ state: { data, error: null } }) : refetchInterval;
}

const justNow = { start_time: new Date().toISOString(), duration_ns: 1e6 };
const longAgo = { start_time: "2026-01-01T00:00:00Z", duration_ns: 1e6 };
const pages = (summary: object, count = 1) => ({ pages: Array.from({ length: count }, () => ({ summary })) });

test("what other processes send after the root of a trace is waited for", () => {
  expect(pollOf(traceQuery("t"), pages({ ...justNow, running: false }))).toBe(5_000);
  expect(pollOf(traceQuery("t"), pages({ ...longAgo, running: false }))).toBe(false);
  // Every page of a large trace would be read again.
  expect(pollOf(traceQuery("t"), pages({ ...justNow, running: false }, 2))).toBe(false);
  expect(traceTextQuery("t", "boom", 2).queryKey).not.toEqual(traceTextQuery("t", "boom", 1).queryKey);
});

test("content that comes after its call, in log events, is waited for", () => {
  const call = { ...justNow, kind: "llm", input_messages: null, output_messages: null, input_text: null, output_text: null };
  expect(pollOf(spanQuery("t", "s"), call)).toBe(3_000);
  expect(pollOf(spanQuery("t", "s"), { ...call, output_text: "Hello" })).toBe(false);
  expect(pollOf(spanQuery("t", "s"), { ...call, ...longAgo })).toBe(false);
});
