import { Link } from "@tanstack/react-router";
import { COST_DIMENSIONS, type CostDimension, filtersOf } from "@/api/costs";
import type { CostGroup, CostReportModel } from "@/api/schema";
import { ABSENT, formatCount, formatDuration, formatInteger, formatUsd, plural } from "@/lib/format";
import classes from "./Costs.module.css";
import { formatChange, formatShare, groupName, knownCost } from "./money";
import { type CostSearch, drillInto, rangeOf, traceQueryOf } from "./search";
import { type Column, Table } from "./Table";

type TableProps = { report: CostReportModel; search: CostSearch };

/** A group with what its links need; without a name of its own it is a value of the dimension. */
type Row = CostGroup & { by: CostDimension; search: CostSearch; name?: string };

const count = (value: number): string => (value > 0 ? formatCount(value) : "");

const COLUMNS: readonly Column<Row>[] = [
  { title: "Cost", cell: ({ spend }) => knownCost(spend), exact: ({ spend }) => spend.usd && `$${spend.usd}` },
  {
    title: "of it estimated",
    cell: ({ spend }) => (Number(spend.estimated_usd) > 0 ? `~ ${formatUsd(spend.estimated_usd)}` : ""),
    exact: ({ spend }) => `$${spend.estimated_usd}`,
  },
  { title: "Unpriced calls", cell: ({ spend }) => count(spend.unpriced_calls) },
  { title: "Change", cell: (group) => formatChange(group.change_usd), exact: (group) => group.change_usd },
  { title: "Change in %", cell: (group) => formatShare(group.change_usd, group.previous.usd) },
  { title: "Calls", cell: ({ spend }) => formatCount(spend.calls), exact: ({ spend }) => formatInteger(spend.calls) },
  { title: "of them failed", cell: ({ spend }) => count(spend.errors) },
  { title: "Latency p50", cell: ({ latency }) => duration(latency.p50_ns) },
  { title: "p95", cell: ({ latency }) => duration(latency.p95_ns) },
  { title: "Tokens in", cell: ({ spend }) => formatCount(spend.input_tokens), exact: ({ spend }) => formatInteger(spend.input_tokens) },
  { title: "of it cached", cell: ({ spend }) => count(spend.cached_input_tokens) },
  { title: "Tokens out", cell: ({ spend }) => formatCount(spend.output_tokens), exact: ({ spend }) => formatInteger(spend.output_tokens) },
  { title: "of it reasoning", cell: ({ spend }) => count(spend.reasoning_tokens) },
  { title: "Traces", cell: (row) => <TracesLink row={row} /> },
];

/** Groups by cost with their sum; unpriced and estimated spend have columns of their own. */
export function CostTable({ report, search }: TableProps) {
  // What it answers, which may not be what `search` asks for now.
  const by = COST_DIMENSIONS.find((each) => each === report.dimensions[0]) ?? "app";
  const columns: readonly Column<Row>[] = [{ title: by.replaceAll("_", " "), cell: nameCell }, ...COLUMNS];
  const total: Row = { ...report.total, by, search, name: `Total of ${plural(report.group_count, "group")}` };
  return (
    <Table
      label="Costs by group"
      columns={columns}
      rows={report.groups.map((group): Row => ({ ...group, by, search }))}
      footer={[total]}
      keyOf={({ name, is_rest, key }) => name ?? JSON.stringify([is_rest, key])}
    />
  );
}

function nameCell(row: Row) {
  const { by, search, key, is_rest, name } = row;
  const value = key[0];
  if (name !== undefined || !value) return name ?? groupName(key, is_rest);
  return (
    <Link to="/costs" search={drillInto(search, by, value)} className={classes["link"] ?? ""} title={`Only ${value}`}>
      {groupName(key, is_rest)}
    </Link>
  );
}

function TracesLink({ row }: { row: Row }) {
  const { by, search, key, is_rest, name } = row;
  const value = key[0];
  if (is_rest || name !== undefined || value === undefined) return "";
  const q = traceQueryOf(filtersOf(search), by, value);
  if (q === null) return "";
  return (
    <Link to="/traces" search={{ ...rangeOf(search), q }} className={classes["link"] ?? ""}>
      traces<span className="visually-hidden"> of {groupName(key, false)}</span>
    </Link>
  );
}

function duration(ns: number | null): string {
  return ns === null ? ABSENT : formatDuration(ns);
}
