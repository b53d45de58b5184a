import type { SpanColumns } from "@/api/schema";

/** What a test says of a span; the rest has values that matter to nobody. */
export type Row = {
  id: string;
  name?: string;
  kind?: string;
  model?: string;
  parent?: string;
  depth: number;
  spans?: number;
  status?: "ok" | "error" | "unset";
  tokens?: number;
  usd?: string | null;
  costState?: string;
  counted?: boolean;
  failure?: string;
  propagated?: boolean;
};

/** Columns of spans in tree order. */
export function columnsOf(rows: readonly Row[]): SpanColumns {
  const column = <T>(read: (row: Row, position: number) => T): T[] => rows.map(read);
  return {
    span_id: column((row) => row.id),
    parent_span_id: column((row) => row.parent ?? ""),
    depth: column((row) => row.depth),
    name: column((row) => row.name ?? row.id),
    kind: column((row) => row.kind ?? "llm"),
    status: column((row) => row.status ?? "ok"),
    start_offset_ns: column((_, position) => position * 10),
    duration_ns: column(() => 5),
    self_time_ns: column(() => 5),
    time_to_first_token_ns: column(() => 0),
    model: column((row) => row.model ?? ""),
    provider: column(() => ""),
    input_tokens: column((row) => row.tokens ?? 0),
    output_tokens: column(() => 0),
    cost_usd: column((row) => row.usd ?? null),
    cost_state: column((row) => row.costState ?? "none"),
    counted: column((row) => row.counted ?? true),
    failure_category: column((row) => row.failure ?? ""),
    failure_propagated: column((row) => row.propagated ?? false),
    guardrail_outcome: column(() => ""),
    cache_hit: column(() => null),
    orphan: column(() => false),
    marks: column(() => []),
    clock_skew_ns: column(() => 0),
    critical: column(() => false),
    subtree_spans: column((row) => row.spans ?? 1),
    subtree_tokens: column((row) => row.tokens ?? 0),
    subtree_cost_usd: column((row) => row.usd ?? null),
  };
}
