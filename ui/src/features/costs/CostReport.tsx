import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { costForecastQuery, costMoversQuery, costReportQuery, costUnitsQuery } from "@/api/costs";
import type { CostForecast, CostReportModel } from "@/api/schema";
import { formatUsd, plural } from "@/lib/format";
import { CostChart } from "./CostChart";
import { CostMovers } from "./CostMovers";
import classes from "./Costs.module.css";
import { CostTable } from "./CostTable";
import { Figure } from "./Figure";
import { formatChange, formatShare, knownAmount, knownCost, noteOf, rangeInWords } from "./money";
import { Answer, Panel } from "./Panel";
import type { CostSearch } from "./search";
import { UnitCosts } from "./UnitCosts";

/** What was spent, on what, why it changed, and where the month is going. */
export function CostReport({ search, zone }: { search: CostSearch; zone: string }) {
  const report = useQuery({ ...costReportQuery(search, zone), placeholderData: keepPreviousData });
  const movers = useQuery(costMoversQuery(search, zone));
  const units = useQuery(costUnitsQuery(search));
  const forecast = useQuery(costForecastQuery(search, zone));
  const by = search.by ?? "app";
  const isOutdated = report.isPlaceholderData;
  return (
    <>
      <Answer query={report} label="Loading costs">
        {(data) => (
          <div className={classes["report"]} aria-busy={isOutdated}>
            <Figures report={data} forecast={forecast.data} zone={zone} />
            <Panel title="Over time" note={noteOf(`By ${data.unit}, in ${zone}.`, data.sampled)}>
              <CostChart report={data} search={search} />
            </Panel>
            <Panel
              title="Groups"
              {...(data.overlaps
                ? { note: "A call with several tags is in the group of each of them, and once in the total." }
                : {})}
            >
              <CostTable report={data} search={search} />
            </Panel>
          </div>
        )}
      </Answer>
      {by === "tag" ? null : (
        <Panel
          title="Top movers"
          note={noteOf("Why it changed against the period before; causes add up to the change.", movers.data?.sampled)}
        >
          <Answer query={movers} label="Loading movers">
            {(data) => <CostMovers movers={data} />}
          </Answer>
        </Panel>
      )}
      <Panel
        title="Unit costs"
        note={noteOf(
          "A success is a trace whose root ended without an error and without a failure. What failed attempts cost is in its price.",
          units.data?.sampled,
        )}
      >
        <Answer query={units} label="Loading unit costs">
          {(data) => <UnitCosts units={data} />}
        </Answer>
      </Panel>
    </>
  );
}

type FigureProps = { report: CostReportModel; forecast: CostForecast | undefined; zone: string };

function Figures({ report, forecast, zone }: FigureProps) {
  const { spend, previous } = report.total;
  return (
    <div className={classes["figures"]}>
      <Figure label="Spent" value={knownCost(spend)} exact={spend.usd}>
        {report.total.change_usd === null
          ? "not comparable with the period before: calls without a price"
          : changeInWords(report.total.change_usd, previous.usd)}
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
      <Figure label="Lost on failed calls" value={spend.errors === 0 ? formatUsd("0") : knownCost(spend, spend.failed_usd)} exact={spend.failed_usd}>
        {/* Those that a provider refused before any token are no calls here, and there may be many. */}
        {plural(spend.errors, "failed call")} used tokens
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
          wide
        >
          {forecastNote(forecast, zone)}
        </Figure>
      ) : null}
    </div>
  );
}

function changeInWords(change: string, before: string | null): string {
  if (Number(change) === 0) return "as much as in the period before";
  const share = formatShare(change, before);
  return share === "new" ? "nothing in the period before" : `${formatChange(change)} (${share}) against the period before`;
}

function forecastNote(forecast: CostForecast, zone: string): string {
  const { spent_usd, basis, low_usd, high_usd, unpriced_calls, sampled } = forecast;
  const unpriced = unpriced_calls > 0 ? `, ${plural(unpriced_calls, "call")} without a known price` : "";
  if (spent_usd === null || low_usd === null || high_usd === null) return `no call of the month has a known price`;
  const range = basis === "no_history" ? ", too little history for a forecast" : rangeInWords(low_usd, high_usd);
  return `${sampled ? "~ " : ""}${formatUsd(spent_usd)} so far${range}${unpriced}; the month in ${zone}`;
}
