import type { ReactNode } from "react";
import type { SpanDetail } from "@/api/schema";
import { Cost, Duration, Timestamp } from "@/kit/Figures";
import { formatInteger } from "@/lib/format";
import classes from "./SpanPanel.module.css";

type Row = [name: string, value: ReactNode];

/** Facts of the call: what can be asked about, in words. Empty ones are left out. */
export function DetailsTab({ span }: { span: SpanDetail }) {
  const { tokens } = span;
  const hasTokens = tokens.input + tokens.output > 0;
  return (
    <div className={classes["content"]}>
      <Facts
        title="Model call"
        rows={[
          ["Provider", span.provider],
          ["Requested model", span.request_model],
          ["Answering model", span.response_model],
          ["System fingerprint", mono(span.system_fingerprint)],
          ["Seed", mono(span.seed)],
          ["Service tier", span.service_tier],
          ["Finish reason", span.finish_reasons.join(", ")],
          ["Stream", span.stream ? span.stream_outcome || "yes" : ""],
          ["Output valid", span.output_valid === null ? "" : span.output_valid ? "yes" : "no"],
          ["Response id", mono(span.response_id)],
          ["Request id", mono(span.request_id)],
          ["Retries", span.retries || ""],
          ["Prompt", [span.prompt_name, span.prompt_version].filter(Boolean).join(" · ")],
          ["Prompt fingerprint", mono(span.prompt_fingerprint)],
          ["Request fingerprint", mono(span.request_fingerprint)],
        ]}
      />
      <Facts
        title="Tokens and cost"
        rows={
          hasTokens || span.cost.state !== "none"
            ? [
                ["Input tokens", formatInteger(tokens.input)],
                ["of it cached", tokens.cached_input ? formatInteger(tokens.cached_input) : ""],
                ["of it written to the cache", tokens.cache_write ? formatInteger(tokens.cache_write) : ""],
                ["Output tokens", formatInteger(tokens.output)],
                ["of it reasoning", tokens.reasoning ? formatInteger(tokens.reasoning) : ""],
                ["Counted by us", tokens.estimated ? "yes: the provider reported no usage" : ""],
                ["Cost", <Cost key="cost" cost={span.cost} />],
                ["Why", span.cost_reason],
                ["Price", mono(span.price_id)],
                ["Cost by the emitter", span.emitter_cost_usd ? `$${span.emitter_cost_usd}` : ""],
                ["In the sums", span.counted ? "" : "no: another span of the trace records the same call"],
              ]
            : []
        }
      />
      <Facts
        title="When"
        rows={[
          ["Started", <Timestamp key="start" time={span.start_time} />],
          ["Duration", <Duration key="duration" ns={span.duration_ns} />],
          [
            "First token after",
            span.time_to_first_token_ns > 0 ? <Duration key="first" ns={span.time_to_first_token_ns} /> : "",
          ],
          ["Stored", <Timestamp key="stored" time={span.ingested_at} />],
        ]}
      />
      <Facts
        title="Who and where"
        rows={[
          ["App", span.app],
          ["Service", span.service === span.app ? "" : span.service],
          ["Environment", span.environment],
          ["App version", span.app_version],
          ["Session", span.session],
          ["User", span.user],
          ["Tags", span.tags.join(", ")],
          ["Agent", span.agent_name],
          ["Tool", span.tool_name],
          ["Tool call id", mono(span.tool_call_id)],
        ]}
      />
      <Facts
        title="Span"
        rows={[
          ["Kind", span.kind],
          ["Operation", span.operation],
          ["OpenTelemetry kind", span.otel_kind],
          ["Status", span.status_message ? `${span.status}: ${span.status_message}` : span.status],
          ["Span id", mono(span.span_id)],
          ["Parent", mono(span.parent_span_id)],
          ["Trace id", mono(span.trace_id)],
          ["Emitter", [span.scope_name, span.scope_version].filter(Boolean).join(" ")],
          ["Dialect", span.dialect],
        ]}
      />
    </div>
  );
}

function Facts({ title, rows }: { title: string; rows: readonly Row[] }) {
  const known = rows.filter(([, value]) => value !== "" && value !== null);
  if (known.length === 0) return null;
  return (
    <section className={classes["section"]} aria-label={title}>
      <h3 className={classes["heading"]}>{title}</h3>
      <dl className={classes["table"]}>
        {known.map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function mono(text: string): ReactNode {
  return text ? <span className={classes["mono"]}>{text}</span> : "";
}
