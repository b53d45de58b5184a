/** What a span did; the same words as `SpanKind` on the server. */
const SPAN_KINDS = [
  "workflow",
  "agent",
  "llm",
  "embedding",
  "retrieval",
  "tool",
  "guardrail",
  "cache",
  "evaluation",
  "internal",
] as const;

export type SpanKind = (typeof SPAN_KINDS)[number];

/** The kind, `internal` for one that this page does not know. */
export function parseKind(kind: string): SpanKind {
  return SPAN_KINDS.find((known) => known === kind) ?? "internal";
}

export const KIND_LABEL: Record<SpanKind, string> = {
  workflow: "Workflow",
  agent: "Agent",
  llm: "Model call",
  embedding: "Embedding",
  retrieval: "Retrieval",
  tool: "Tool",
  guardrail: "Guardrail",
  cache: "Cache",
  evaluation: "Evaluation",
  internal: "Internal",
};
