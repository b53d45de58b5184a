import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { MouseEvent } from "react";
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

/**
 * Leads to the failure's cluster; to the traces with the same fingerprint while it has none. Asked for on the click
 * only: most failing spans are looked at without it, and one without a cluster is an answer 404.
 */
function SameFailure({ fingerprint }: { fingerprint: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const search = { q: `fingerprint:${quoteValue(fingerprint)}` };
  const open = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    queries.fetchQuery({ ...failureOfQuery(fingerprint), retry: false }).then(
      ({ cluster }) => navigate({ to: "/failures/$cluster", params: { cluster } }),
      () => navigate({ to: "/traces", search }),
    );
  };
  return (
    <Link to="/traces" search={search} onClick={open}>
      Same failure
    </Link>
  );
}
