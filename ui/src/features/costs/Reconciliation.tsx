import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { invoiceImportsQuery, reconciliationCsvUrl, reconciliationQuery } from "@/api/costs";
import type { AccountChargeModel, ComparisonModel, InvoiceImportModel, ReconciliationModel } from "@/api/schema";
import { Button, DownloadLink } from "@/kit/Button";
import { SelectField } from "@/kit/Fields";
import { Timestamp } from "@/kit/Figures";
import { ABSENT, formatCount, formatUsd } from "@/lib/format";
import classes from "./Costs.module.css";
import { Figure } from "./Figure";
import { ImportForm } from "./ImportForm";
import { formatChange, formatShare, noteOf } from "./money";
import { MonthField } from "./MonthField";
import { recentMonths } from "./months";
import { Answer, Panel } from "./Panel";
import type { CostSearch } from "./search";
import { type Column, Table } from "./Table";

const PROVIDERS = ["openai", "anthropic"];

const CAUSES: Readonly<Record<string, string>> = {
  rounding: "rounding",
  never_counted: "never counted: not instrumented",
  never_invoiced: "counted but not invoiced",
  unpriced: "calls without a price",
  missing_calls: "tokens that were not counted",
  extra_calls: "tokens that were not invoiced",
  day_boundary: "on the neighbouring day",
  estimated: "estimated cost",
  price: "another price",
  unexplained: "unexplained",
};

type ReconciliationProps = { search: CostSearch; onChange: (search: CostSearch) => void };

/** What a provider charged for a month against what was counted, and where the gap comes from. */
export function Reconciliation({ search, onChange }: ReconciliationProps) {
  const imports = useQuery(invoiceImportsQuery());
  const known = imports.data?.imports.map((entry) => entry.provider) ?? [];
  const provider = search.invoices ?? known[0] ?? PROVIDERS[0] ?? "";
  const month = search.month ?? recentMonths("UTC")[0] ?? "";
  const gap = useQuery(reconciliationQuery(provider, month));
  const [importing, setImporting] = useState(false);
  return (
    <>
      <Panel
        title="Invoiced against counted"
        note="Days and months are in UTC, as providers bill."
        actions={
          <>
            <SelectField
              label="Provider"
              hideLabel
              value={provider}
              options={[...new Set([provider, ...known, ...PROVIDERS])].map((value) => ({ value, label: value }))}
              onChange={(invoices) => invoices && onChange({ ...search, invoices })}
            />
            <MonthField zone="UTC" value={month} onChange={(next) => onChange({ ...search, month: next })} />
            <Button onClick={() => setImporting(!importing)}>Import</Button>
            <DownloadLink href={reconciliationCsvUrl(provider, month)}>CSV</DownloadLink>
          </>
        }
      >
        {importing ? (
          <ImportForm
            onImported={(entry) => {
              setImporting(false);
              onChange({ ...search, tab: "reconciliation", invoices: entry.provider, month: entry.last_day.slice(0, 7) });
            }}
          />
        ) : null}
        <Answer query={gap} label="Loading the comparison">
          {(data) => (data.days.length === 0 ? <NothingImported /> : <Summary found={data} />)}
        </Answer>
      </Panel>
      {gap.data && gap.data.days.length > 0 ? <Details found={gap.data} /> : null}
      {imports.data && imports.data.imports.length > 0 ? (
        <Panel title="Imports">
          <Table label="Imports" columns={IMPORTS} rows={imports.data.imports} keyOf={(entry) => `${entry.imported_at} ${entry.file}`} />
        </Panel>
      ) : null}
    </>
  );
}

function NothingImported() {
  return (
    <p className={classes["note"]}>
      Nothing of this month was imported yet. Import the provider's export of costs: OpenAI's organization costs as JSON or CSV,
      Anthropic's cost CSV, or any CSV with a day and an amount.
    </p>
  );
}

function Summary({ found }: { found: ReconciliationModel }) {
  const { total } = found;
  const causes = Object.entries(total.causes).toSorted(([, one], [, other]) => Math.abs(Number(other)) - Math.abs(Number(one)));
  return (
    <>
      <div className={classes["figures"]}>
        <Figure label="Invoiced" value={amount(total.invoiced_usd)} exact={total.invoiced_usd} />
        <Figure label="Counted" value={counted(total)} exact={total.counted_usd}>
          {noteOf("", found.sampled)}
        </Figure>
        <Figure label="Gap: invoiced less counted" value={formatChange(total.gap_usd)} exact={total.gap_usd}>
          {formatShare(total.gap_usd, total.invoiced_usd)} of what was invoiced
        </Figure>
      </div>
      {causes.length > 0 ? (
        <Table
          label="Causes of the gap"
          columns={[
            { title: "Because of", cell: ([cause]) => CAUSES[cause] ?? cause },
            { title: "Amount", cell: ([, usd]) => formatChange(usd), exact: ([, usd]) => usd },
            { title: "of the gap", cell: ([, usd]) => formatShare(usd, total.gap_usd) },
          ]}
          rows={causes}
          keyOf={([cause]) => cause}
        />
      ) : (
        <p className={classes["note"]}>There is no gap.</p>
      )}
      {found.uncovered_days.length > 0 ? (
        <p className={classes["note"]}>
          {`Not compared, because nothing was imported: ${ranges(found.uncovered_days)}.`}
        </p>
      ) : null}
    </>
  );
}

function Details({ found }: { found: ReconciliationModel }) {
  return (
    <>
      <Panel title="By model">
        <Table
          label="By model"
          columns={[{ title: "Model", cell: nameOf, exact: (row) => row.spellings.join(", ") }, ...COMPARED]}
          rows={found.models}
          keyOf={(row) => row.model}
        />
      </Panel>
      <Panel title="By day">
        <Table label="By day" columns={[{ title: "Day", cell: (row) => row.day }, ...COMPARED]} rows={found.days} keyOf={(row) => row.day} />
      </Panel>
      <Panel title="By project and key" note="As the provider names them; spans do not know which key a call was made with.">
        <Table label="By project and key" columns={ACCOUNTS} rows={found.accounts} keyOf={(row) => row.account} />
      </Panel>
    </>
  );
}

const COMPARED: readonly Column<ComparisonModel>[] = [
  { title: "Invoiced", cell: (row) => amount(row.invoiced_usd), exact: (row) => row.invoiced_usd },
  { title: "Counted", cell: counted, exact: (row) => row.counted_usd },
  { title: "Gap", cell: (row) => formatChange(row.gap_usd), exact: (row) => row.gap_usd },
  { title: "Tokens invoiced", cell: (row) => (row.invoiced_tokens === null ? "" : formatCount(row.invoiced_tokens)) },
  { title: "Tokens counted", cell: (row) => formatCount(row.counted_tokens) },
  {
    title: "Because of",
    align: "left",
    wraps: true,
    cell: (row) =>
      Object.entries(row.causes)
        .map(([cause, usd]) => `${CAUSES[cause] ?? cause} ${formatChange(usd)}`)
        .join(", "),
  },
];

const ACCOUNTS: readonly Column<AccountChargeModel>[] = [
  { title: "Project and key", cell: (row) => row.account || "(not said)" },
  { title: "Invoiced", cell: (row) => formatUsd(row.usd), exact: (row) => row.usd },
  {
    title: "for models without a counted call",
    cell: (row) => (Number(row.never_counted_usd) > 0 ? formatUsd(row.never_counted_usd) : ""),
    exact: (row) => row.never_counted_usd,
  },
];

const IMPORTS: readonly Column<InvoiceImportModel>[] = [
  { title: "File", cell: (row) => row.file || row.format },
  { title: "Provider", align: "left", cell: (row) => row.provider },
  { title: "What", align: "left", cell: (row) => row.kind },
  { title: "Days", align: "left", cell: (row) => `${row.first_day} to ${row.last_day}` },
  { title: "Lines", cell: (row) => row.lines },
  { title: "Sum", cell: (row) => amount(row.usd), exact: (row) => row.usd },
  { title: "Imported", align: "left", cell: (row) => <Timestamp time={row.imported_at} shape="list" /> },
  { title: "by", align: "left", cell: (row) => row.imported_by },
];

/** The spelling that says least more than the name: that of an alias before that of a snapshot. */
function nameOf({ model, spellings }: { model: string; spellings: readonly string[] }): string {
  return spellings.toSorted((one, other) => one.length - other.length)[0] || model || "(no model)";
}

function amount(usd: string | null): string {
  return usd === null ? ABSENT : formatUsd(usd);
}

function counted({ counted_usd, counted_state }: ComparisonModel): string {
  if (counted_usd === null) return "unpriced";
  return `${counted_state === "partial" ? "≥ " : ""}${formatUsd(counted_usd)}`;
}

/** Days in words, runs of them as a range. */
function ranges(days: readonly string[]): string {
  const runs: string[][] = [];
  for (const day of days) {
    const last = runs.at(-1)?.at(-1);
    if (last && Date.parse(day) - Date.parse(last) === 86_400_000) runs.at(-1)?.push(day);
    else runs.push([day]);
  }
  return runs.map((run) => (run.length === 1 ? run[0] : `${run[0]} to ${run.at(-1)}`)).join(", ");
}
