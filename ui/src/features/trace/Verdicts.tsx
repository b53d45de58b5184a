import type { ReactNode } from "react";
import type { CacheLookup, Failure, Guardrail, SpanDetail } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { CacheIcon, ErrorIcon, GuardrailIcon, WarnIcon } from "@/kit/icons";
import { formatInteger, formatUsd } from "@/lib/format";
import classes from "./SpanPanel.module.css";

const MARK_TEXT: Record<string, string> = {
  input_truncated: "The input was longer than the limit and is cut.",
  output_truncated: "The output was longer than the limit and is cut.",
  attribute_truncated: "An attribute was longer than the limit and is cut.",
  attributes_dropped: "Attributes over the limit were dropped.",
  events_dropped: "Events over the limit were dropped.",
  links_dropped: "Links over the limit were dropped.",
  invalid_utf8_replaced: "Bytes that are not UTF-8 were replaced.",
  nul_replaced: "Null characters were replaced.",
  end_before_start: "The span ended before it started; its duration is set to zero.",
  end_time_implausible: "The end time is implausible; the duration is set to zero.",
  no_end_time: "The emitter gave no end time; the duration is set to zero.",
  no_start_time: "The span came without a start time.",
  start_time_implausible: "The start time is implausible.",
  input_from_events: "The input came in log events beside the span.",
  output_from_events: "The output came in log events beside the span.",
};

/** What was judged about the span: its failure, a guardrail, a cache look-up, what we had to change. */
export function Verdicts({ span }: { span: SpanDetail }) {
  return (
    <>
      {span.failure ? <FailureCard failure={span.failure} httpStatus={span.http_status} /> : null}
      {!span.failure && span.status === "error" ? (
        <Callout tone="error" icon={<ErrorIcon size={15} />} title={span.error_type || "Error"} text={span.status_message} />
      ) : null}
      {span.guardrail ? <GuardrailCard guardrail={span.guardrail} /> : null}
      {span.cache ? <CacheCard cache={span.cache} /> : null}
      {span.marks.length > 0 ? (
        <Callout
          tone="warn"
          icon={<WarnIcon size={15} />}
          title="Changed to be stored"
          text={span.marks.map((mark) => MARK_TEXT[mark] ?? mark).join("\n")}
        />
      ) : null}
    </>
  );
}

function FailureCard({ failure, httpStatus }: { failure: Failure; httpStatus: number }) {
  return (
    <Callout
      tone="error"
      icon={<ErrorIcon size={15} />}
      title={failure.category.replaceAll("_", " ")}
      badge={httpStatus ? `HTTP ${httpStatus}` : undefined}
      text={failure.message}
      note={failure.propagated ? `${failure.reason} · it came from a span below` : failure.reason}
    />
  );
}

const GUARDRAIL_TONE: Record<string, Tone> = { pass: "ok", warn: "warn", block: "error", error: "error" };

function GuardrailCard({ guardrail }: { guardrail: Guardrail }) {
  const facts = [
    guardrail.stage ? `on the ${guardrail.stage}` : "",
    guardrail.score > 0 ? `score ${guardrail.score.toFixed(2)}` : "",
  ];
  return (
    <Callout
      tone={GUARDRAIL_TONE[guardrail.outcome] ?? "neutral"}
      icon={<GuardrailIcon size={15} />}
      title={`${guardrail.name || "Guardrail"}: ${guardrail.outcome}`}
      text={guardrail.categories.join(", ")}
      note={facts.filter(Boolean).join(" · ")}
    />
  );
}

function CacheCard({ cache }: { cache: CacheLookup }) {
  const facts = [
    cache.similarity > 0 ? `similarity ${cache.similarity.toFixed(3)}` : "",
    cache.age_s > 0 ? `${formatInteger(cache.age_s)} s old` : "",
    cache.saved_tokens > 0 ? `${formatInteger(cache.saved_tokens)} tokens saved` : "",
    Number(cache.saved_usd) > 0 ? `${formatUsd(cache.saved_usd)} saved` : "",
  ];
  return (
    <Callout
      tone={cache.hit ? "ok" : "neutral"}
      icon={<CacheIcon size={15} />}
      title={`${cache.kind || "cache"} cache ${cache.hit ? "hit" : "miss"}`}
      note={facts.filter(Boolean).join(" · ")}
    />
  );
}

type Tone = "neutral" | "ok" | "warn" | "error";

type CalloutProps = {
  tone: Tone;
  icon: ReactNode;
  title: string;
  badge?: string | undefined;
  text?: string;
  note?: string;
};

function Callout({ tone, icon, title, badge, text, note }: CalloutProps) {
  return (
    <div className={classes["callout"]} data-tone={tone}>
      <div className={classes["calloutHead"]}>
        {icon}
        <span>{title}</span>
        {badge ? <Badge>{badge}</Badge> : null}
      </div>
      {text ? (
        <p className={classes["calloutText"]} tabIndex={0}>
          {text}
        </p>
      ) : null}
      {note ? <p className={classes["calloutNote"]}>{note}</p> : null}
    </div>
  );
}
