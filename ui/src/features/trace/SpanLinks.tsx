import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { MouseEvent } from "react";
import { failureOfQuery } from "@/api/failures";
import type { SpanDetail } from "@/api/schema";
import { quoteValue } from "@/lib/queryText";
import { type RangeSearch, weekAround } from "@/lib/timeRange";
import classes from "./SpanPanel.module.css";

/** From one span to the others like it. */
export function SpanLinks({ span }: { span: SpanDetail }) {
  const fingerprint = span.failure?.fingerprint ?? "";
  const range = weekAround(span.start_time);
  const same = (field: string, value: string, text: string) =>
    value ? <SameValue key={field} {...{ field, value, text, range }} /> : null;
  const links = [
    fingerprint ? <SameFailure key="failure" fingerprint={fingerprint} range={range} /> : null,
    same("prompt_fingerprint", span.prompt_fingerprint, "Same prompt"),
    same("tool", span.tool_name, "Same tool"),
  ].filter(Boolean);
  return links.length > 0 ? <nav className={classes["links"]} aria-label="Others like it">{links}</nav> : null;
}

type SameProps = { field: string; value: string; text: string; range: RangeSearch };

function SameValue({ field, value, text, range }: SameProps) {
  return (
    <Link to="/traces" search={{ ...range, q: `${field}:${quoteValue(value)}` }}>
      {text}
    </Link>
  );
}

/**
 * Leads to the failure's cluster; to the traces with the same fingerprint while it has none. Asked for on the click
 * only: most failing spans are looked at without it, and one without a cluster is an answer 404.
 */
function SameFailure({ fingerprint, range }: { fingerprint: string; range: RangeSearch }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const search = { ...range, q: `fingerprint:${quoteValue(fingerprint)}` };
  const open = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    queries.fetchQuery({ ...failureOfQuery(fingerprint), retry: false }).then(
      ({ cluster }) => navigate({ to: "/failures/$cluster", params: { cluster }, search: range }),
      () => navigate({ to: "/traces", search }),
    );
  };
  return (
    <Link to="/traces" search={search} onClick={open}>
      Same failure
    </Link>
  );
}
