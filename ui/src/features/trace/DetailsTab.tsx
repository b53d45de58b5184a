import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { SpanDetail } from "@/api/schema";
import { Cost, Duration, Timestamp } from "@/kit/Figures";
import { formatInteger } from "@/lib/format";
import { quoteValue } from "@/lib/queryText";
import { type RangeSearch, weekAround } from "@/lib/timeRange";
import classes from "./SpanPanel.module.css";

type Row = [name: string, value: ReactNode];

/** Facts of the call: what can be asked about, in words. Empty ones are left out; others that share one are a click away. */
export function DetailsTab({ span }: { span: SpanDetail }) {
  const { tokens } = span;
  const range = weekAround(span.start_time);
  const alike = (field: string, value: string): ReactNode =>
    value === "" ? (
      ""
    ) : (
      <Link
        to="/traces"
        search={{ ...range, q: `${field}:${quoteValue(value)}` }}
        className={classes["alike"]}
        title={`Traces with ${field}:${quoteValue(value)}`}
      >
        {value}
      </Link>
    );
  const hasTokens = tokens.input + tokens.output > 0;
  return (
    <div className={classes["content"]}>
      <Facts
        title="Model call"
        rows={[
          ["Provider", alike("provider", span.provider)],
          ["Requested model", alike("request_model", span.request_model)],
          ["Answering model", alike("model", span.response_model)],
          ["System fingerprint", mono(alike("system_fingerprint", span.system_fingerprint))],
          ["Seed", mono(span.seed)],
          ["Service tier", alike("tier", span.service_tier)],
          ["Finish reason", span.finish_reasons.join(", ")],
          ["Stream", span.stream ? span.stream_outcome || "yes" : ""],
          ["Output valid", span.output_valid === null ? "" : span.output_valid ? "yes" : "no"],
          ["Response id", mono(span.response_id)],
          ["Request id", mono(span.request_id)],
          ["Retries", span.retries || ""],
          ["Prompt", span.prompt_name ? <PromptLink key="prompt" span={span} range={range} /> : span.prompt_version],
          ["Prompt fingerprint", mono(alike("prompt_fingerprint", span.prompt_fingerprint))],
          ["Request fingerprint", mono(alike("request_fingerprint", span.request_fingerprint))],
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
          ["App", alike("app", span.app)],
          ["Service", span.service === span.app ? "" : span.service],
          ["Environment", alike("env", span.environment)],
          ["App version", alike("version", span.app_version)],
          ["Session", alike("session", span.session)],
          ["User", alike("user", span.user)],
          ["Tags", span.tags.join(", ")],
          ["Agent", alike("agent", span.agent_name)],
          ["Tool", alike("tool", span.tool_name)],
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

/** The prompt, whose page holds this version beside the others. */
function PromptLink({ span: { prompt_name, prompt_version }, range }: { span: SpanDetail; range: RangeSearch }) {
  return (
    <Link to="/prompts/versions" search={{ ...range, id: prompt_name }} className={classes["alike"]}>
      {[prompt_name, prompt_version].filter(Boolean).join(" · ")}
    </Link>
  );
}

function mono(text: ReactNode): ReactNode {
  return text ? <span className={classes["mono"]}>{text}</span> : "";
}
