import { KIND_LABEL, type SpanKind } from "@/lib/kinds";
import {
  AgentIcon,
  CacheIcon,
  EmbeddingIcon,
  EvaluationIcon,
  GuardrailIcon,
  InternalIcon,
  LlmIcon,
  RetrievalIcon,
  ToolIcon,
  WorkflowIcon,
} from "./icons";
import classes from "./KindIcon.module.css";

const ICONS = {
  workflow: WorkflowIcon,
  agent: AgentIcon,
  llm: LlmIcon,
  embedding: EmbeddingIcon,
  retrieval: RetrievalIcon,
  tool: ToolIcon,
  guardrail: GuardrailIcon,
  cache: CacheIcon,
  evaluation: EvaluationIcon,
  internal: InternalIcon,
} as const;

/** The colour of a kind, as a CSS value. */
export function kindColor(kind: SpanKind): string {
  return `var(--sl-kind-${kind})`;
}

/** What a span did, as a coloured icon. */
export function KindIcon({ kind }: { kind: SpanKind }) {
  const Icon = ICONS[kind];
  return (
    <span
      className={classes["icon"]}
      style={{ ["--kind" as string]: kindColor(kind) }}
      role="img"
      aria-label={KIND_LABEL[kind]}
      title={KIND_LABEL[kind]}
    >
      <Icon size={12} strokeWidth={2.2} aria-hidden />
    </span>
  );
}
