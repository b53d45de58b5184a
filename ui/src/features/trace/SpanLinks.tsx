import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { failureOfQuery } from "@/api/failures";
import type { SpanDetail } from "@/api/schema";
import { quoteValue } from "@/lib/queryText";
import classes from "./SpanPanel.module.css";

/** From one span to the others like it. */
export function SpanLinks({ span }: { span: SpanDetail }) {
  const fingerprint = span.failure?.fingerprint ?? "";
  const links = [
    fingerprint ? <SameFailure key="failure" fingerprint={fingerprint} /> : null,
    span.prompt_fingerprint ? (
      <SameValue key="prompt" field="prompt_fingerprint" value={span.prompt_fingerprint} text="Same prompt" />
    ) : null,
    span.tool_name ? <SameValue key="tool" field="tool" value={span.tool_name} text="Same tool" /> : null,
  ].filter(Boolean);
  return links.length > 0 ? <nav className={classes["links"]} aria-label="Others like it">{links}</nav> : null;
}

function SameValue({ field, value, text }: { field: string; value: string; text: string }) {
  return (
    <Link to="/traces" search={{ q: `${field}:${quoteValue(value)}` }}>
      {text}
    </Link>
  );
}

/** The cluster when the failure has one by now, else the traces with the same fingerprint. */
function SameFailure({ fingerprint }: { fingerprint: string }) {
  const { data } = useQuery({ ...failureOfQuery(fingerprint), retry: false });
  if (!data) return <SameValue field="fingerprint" value={fingerprint} text="Same failure" />;
  return (
    <Link to="/failures/$cluster" params={{ cluster: data.cluster }}>
      Same failure
    </Link>
  );
}
