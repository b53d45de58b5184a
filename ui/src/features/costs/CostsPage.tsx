import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import {
  COST_DIMENSIONS,
  COST_UNITS,
  costForecastQuery,
  costMoversQuery,
  costReportQuery,
  costSavingsQuery,
  type CostSearch,
} from "@/api/costs";
import type { CostForecast, CostReportModel } from "@/api/schema";
import { Button } from "@/kit/Button";
import { Segmented, SelectField } from "@/kit/Fields";
import { CloseIcon } from "@/kit/icons";
import { PageHeader } from "@/kit/PageHeader";
import { ErrorState, LoadingRows } from "@/kit/States";
import { TimeRangePicker } from "@/kit/TimeRangePicker";
import { formatUsd, plural } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { zoneName } from "@/lib/time";
import { CostChart } from "./CostChart";
import { CostMovers } from "./CostMovers";
import classes from "./Costs.module.css";
import { CostSavings } from "./CostSavings";
import { CostTable } from "./CostTable";
import { formatChange, formatShare, knownAmount, knownCost } from "./money";

const route = getRouteApi("/costs");

/** What was spent, on what, why it changed, and where the month is going. */
export function CostsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useZoneName();
  const report = useQuery({ ...costReportQuery(search, zone), placeholderData: keepPreviousData });
  const movers = useQuery({ ...costMoversQuery(search, zone), placeholderData: keepPreviousData });
  const savings = useQuery({ ...costSavingsQuery(search), placeholderData: keepPreviousData });
  const forecast = useQuery(costForecastQuery(search.app, zone));
  const change = (next: Partial<CostSearch>): void => void navigate({ search: { ...search, ...next } });
  return (
    <>
      <PageHeader title="Costs">
        <CostControls search={search} onChange={(next) => void navigate({ search: next })} />
      </PageHeader>
      <div className={classes["page"]}>
        {report.error ? <ErrorState error={report.error} retry={() => void report.refetch()} /> : null}
        {report.isPending ? <LoadingRows label="Loading costs" /> : null}
        {report.data ? (
          <>
            <Figures report={report.data} forecast={forecast.data} />
            <section className={classes["panel"]}>
              <CostChart report={report.data} />
            </section>
            <section className={classes["panel"]} aria-label="Groups">
              <CostTable
                report={report.data}
                {...((search.by ?? "app") === "app"
                  ? { onDrill: (app: string) => change({ app, by: "model" }) }
                  : {})}
              />
            </section>
          </>
        ) : null}
        {movers.data ? (
          <section className={classes["panel"]} aria-label="Top movers">
            <h2>Why it changed against the period before</h2>
            <CostMovers movers={movers.data} />
          </section>
        ) : null}
        {savings.error ? <ErrorState error={savings.error} retry={() => void savings.refetch()} /> : null}
        {savings.data ? (
          <section className={classes["panel"]} aria-label="Savings and waste">
            <h2>What caches spared, and what came to nothing</h2>
            <CostSavings savings={savings.data} />
          </section>
        ) : null}
      </div>
    </>
  );
}

type ControlProps = { search: CostSearch; onChange: (search: CostSearch) => void };

function CostControls({ search, onChange }: ControlProps) {
  const { since: _since, start: _start, end: _end, app, ...kept } = search;
  return (
    <>
      {app ? (
        <Button icon={<CloseIcon size={14} />} onClick={() => onChange(without(search, "app"))}>
          {`App ${app}`}
        </Button>
      ) : null}
      <SelectField
        label="Group by"
        hideLabel
        value={search.by ?? "app"}
        options={COST_DIMENSIONS.map((value) => ({ value, label: `By ${value.replaceAll("_", " ")}` }))}
        onChange={(next) => {
          const by = COST_DIMENSIONS.find((dimension) => dimension === next);
          if (by) onChange({ ...search, by });
        }}
      />
      <Segmented
        label="Bucket"
        value={search.unit ?? "day"}
        options={COST_UNITS.map((value) => ({ value, label: value }))}
        onChange={(unit) => onChange({ ...search, unit })}
      />
      <TimeRangePicker range={search} onChange={(range) => onChange({ ...kept, ...(app ? { app } : {}), ...range })} />
    </>
  );
}

function Figures({ report, forecast }: { report: CostReportModel; forecast: CostForecast | undefined }) {
  const { spend, previous } = report.total;
  return (
    <div className={classes["figures"]}>
      <Figure label="Spent" value={knownCost(spend)} exact={spend.usd}>
        {report.total.change_usd === null
          ? "not comparable with the period before: calls without a price"
          : `${formatChange(report.total.change_usd)} ${formatShare(report.total.change_usd, previous.usd)} against the period before`}
      </Figure>
      {Number(spend.estimated_usd) > 0 ? (
        <Figure label="of it estimated" value={`~ ${formatUsd(spend.estimated_usd)}`} exact={spend.estimated_usd}>
          {plural(spend.estimated_calls, "call")}
        </Figure>
      ) : null}
      {spend.unpriced_calls > 0 ? (
        <Figure label="Not in the sum" value={plural(spend.unpriced_calls, "call")} warn>
          without a known price
        </Figure>
      ) : null}
      <Figure label="Lost on failed calls" value={knownCost(spend, spend.failed_usd)} exact={spend.failed_usd}>
        {plural(spend.errors, "failed call")}
      </Figure>
      <Figure
        label="Saved by caches"
        value={spend.cache_saved_usd === null ? "not known" : formatUsd(spend.cache_saved_usd)}
        exact={spend.cache_saved_usd}
      >
        {plural(spend.cache_hits, "hit")}
      </Figure>
      {forecast ? (
        <Figure
          label="This month, expected"
          value={knownAmount(forecast.expected_usd)}
          exact={forecast.expected_usd}
          warn={forecast.expected_usd === null}
        >
          {forecastNote(forecast)}
        </Figure>
      ) : null}
    </div>
  );
}

function forecastNote({ spent_usd, basis, low_usd, high_usd, unpriced_calls }: CostForecast): string {
  const unpriced = unpriced_calls > 0 ? `, and ${plural(unpriced_calls, "call")} without a known price` : "";
  if (spent_usd === null || low_usd === null || high_usd === null) return plural(unpriced_calls, "call") + " without a known price";
  const range =
    basis === "no_history"
      ? "too little history for a forecast"
      : `between ${formatUsd(low_usd)} and ${formatUsd(high_usd)}`;
  return `${formatUsd(spent_usd)} so far, ${range}${unpriced}`;
}

type FigureProps = { label: string; value: string; exact?: string | null; warn?: boolean; children: React.ReactNode };

function Figure({ label, value, exact, warn, children }: FigureProps) {
  return (
    <section className={classes["figure"]} aria-label={label}>
      <p className={classes["label"]}>{label}</p>
      <p className={`${classes["value"]} ${warn ? classes["warn"] : ""}`} {...(exact ? { title: `$${exact}` } : {})}>
        {value}
      </p>
      <p className={classes["note"]}>{children}</p>
    </section>
  );
}

function useZoneName(): string {
  const [{ zone }] = usePreferences();
  return zoneName(zone);
}

function without(search: CostSearch, name: "app"): CostSearch {
  const { [name]: _, ...rest } = search;
  return rest;
}
