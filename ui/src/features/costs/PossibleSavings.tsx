import { Link } from "@tanstack/react-router";
import { filtersOf } from "@/api/costs";
import type {
  CachingChanceModel,
  CachingChances,
  NearDuplicates as Similar,
  RepeatedRequestModel,
  RepeatedRequests as Repeated,
  SimilarRequestsModel,
} from "@/api/schema";
import { formatCount, formatInteger, formatUsd, plural } from "@/lib/format";
import classes from "./Costs.module.css";
import { atLeast, knownAmount } from "./money";
import { type CostSearch, rangeOf, traceQueryOf } from "./search";
import { type Column, Table } from "./Table";

type Caller = { app: string; provider: string; model: string };

const APP = { title: "App", align: "left" as const, cell: ({ app }: Caller) => app || "(none)" };
const MODEL = { title: "Model", align: "left" as const, cell: ({ model }: Caller) => model || "(none)" };

const REPEATED: readonly Column<RepeatedRequestModel>[] = [
  { title: "Asked", cell: (row) => <Asked text={row.asked} trace={row.trace_id} /> },
  APP,
  MODEL,
  { title: "Calls", cell: (row) => formatInteger(row.calls) },
  { title: "Spent again", cell: (row) => atLeast(row.usd, row.unpriced_calls), exact: (row) => row.usd },
];

/** Requests that were sent more than once. */
export function RepeatedRequests({ repeated }: { repeated: Repeated }) {
  if (repeated.requests === 0) return <p className={classes["note"]}>No request with a fingerprint was sent twice.</p>;
  return (
    <>
      <p>
        {plural(repeated.requests, "request")} came {plural(repeated.repeated_calls, "more time")}, for{" "}
        <strong title={`$${repeated.usd}`}>{formatUsd(repeated.usd)}</strong>.
      </p>
      <Table
        label="Identical requests"
        columns={REPEATED}
        rows={repeated.costliest}
        keyOf={(row) => JSON.stringify([row.request_fingerprint, row.app, row.provider, row.model])}
      />
    </>
  );
}

const SIMILAR: readonly Column<SimilarRequestsModel>[] = [
  { title: "Asked", cell: (row) => <Asked text={row.asked} trace={row.trace_id} /> },
  { title: "and like it", align: "left", cell: (row) => <span className={classes["clipped"]}>{row.like}</span> },
  APP,
  MODEL,
  { title: "Requests", cell: (row) => formatInteger(row.requests) },
  { title: "Spent on the others", cell: (row) => knownAmount(row.usd), exact: (row) => row.usd },
];

/** Requests that ask almost the same. */
export function NearDuplicates({ similar }: { similar: Similar }) {
  const among = `Among ${similar.is_complete ? "all" : "the newest"} ${formatInteger(similar.looked_at)} distinct requests`;
  if (similar.looked_at === 0) return <p className={classes["note"]}>No request has a fingerprint and stored content.</p>;
  if (similar.groups.length === 0) return <p className={classes["note"]}>{among} none are that much alike.</p>;
  return (
    <>
      <p>
        {among}, <strong title={`$${similar.usd}`}>{formatUsd(similar.usd)}</strong> went to requests like an earlier one.
      </p>
      <Table
        label="Near duplicates"
        columns={SIMILAR}
        rows={similar.groups}
        keyOf={(row) => JSON.stringify([row.prompt_fingerprint, row.app, row.model, row.asked, row.trace_id])}
      />
    </>
  );
}

type Cacheable = CachingChanceModel & { search: CostSearch };

const CACHEABLE: readonly Column<Cacheable>[] = [
  { title: "Prompt", cell: (row) => <PromptLink row={row} /> },
  APP,
  MODEL,
  { title: "Calls", cell: (row) => formatInteger(row.calls) },
  { title: "that find it warm", cell: (row) => formatInteger(row.warm_calls) },
  { title: "Shared tokens", cell: (row) => formatInteger(row.prefix_tokens) },
  { title: "Cached so far", cell: (row) => formatCount(row.cached_tokens) },
  { title: "More possible", cell: (row) => formatCount(row.possible_tokens) },
  {
    title: "Would spare about",
    cell: (row) => (row.usd === null ? "price not known" : formatUsd(row.usd)),
    exact: (row) => row.usd,
  },
];

/** Prompts with a long shared beginning that is not read from a cache yet. */
export function CacheablePrompts({ cacheable, search }: { cacheable: CachingChances; search: CostSearch }) {
  if (cacheable.prompts.length === 0) {
    return <p className={classes["note"]}>No prompt with stored content qualifies.</p>;
  }
  return (
    <Table
      label="Prompts that a provider could cache"
      columns={CACHEABLE}
      rows={cacheable.prompts.map((prompt): Cacheable => ({ ...prompt, search }))}
      keyOf={(row) => JSON.stringify([row.prompt_fingerprint, row.app, row.provider, row.model])}
    />
  );
}

/** Leads to the traces with the calls that the row counts. */
function PromptLink({ row: { app, provider, model, prompt_name, prompt_fingerprint, search } }: { row: Cacheable }) {
  const name = prompt_name || prompt_fingerprint.slice(0, 8);
  const q = traceQueryOf({ ...filtersOf(search), app, provider }, "model", model, [
    `prompt_fingerprint:${prompt_fingerprint}`,
    "-status:error",
  ]);
  if (q === null) return name;
  return (
    <Link to="/traces" search={{ ...rangeOf(search), q }} className={classes["link"] ?? ""}>
      {name}
    </Link>
  );
}

function Asked({ text, trace }: { text: string; trace: string }) {
  return (
    <Link to="/t/$traceId" params={{ traceId: trace }} className={`${classes["link"]} ${classes["clipped"]}`}>
      {text || "(content not stored)"}
    </Link>
  );
}
