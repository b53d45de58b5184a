import { expect, it } from "vitest";
import type { TraceSummary } from "@/api/schema";
import { MAX_LIVE_TRACES, mergeLive } from "./useTraceTail";

function trace(id: string, spans = 1): TraceSummary {
  return { trace_id: id, span_count: spans } as TraceSummary;
}

it("mergeLive shows each trace once, as it arrived last, and no more than are kept", () => {
  const merged = mergeLive([trace("b", 5), trace("a")], [trace("b", 2), trace("c")]);
  expect(merged.map(({ trace_id, span_count }) => `${trace_id}${span_count}`)).toEqual(["b5", "a1", "c1"]);
  const many = Array.from({ length: MAX_LIVE_TRACES + 5 }, (_, index) => trace(String(index)));
  expect(mergeLive([trace("new")], many)).toHaveLength(MAX_LIVE_TRACES);
});
