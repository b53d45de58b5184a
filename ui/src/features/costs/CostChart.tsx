import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { CostGroup, CostReportModel } from "@/api/schema";
import { formatUsd, plural } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { formatTime, type TimeZone } from "@/lib/time";
import classes from "./Costs.module.css";
import { groupName, knownAmount, sumOfUsd } from "./money";
import { bucketSearch, type CostSearch } from "./search";
import { type Column, Table } from "./Table";

const HEIGHT = 100;
const SERIES = 6;
const MOST_TICKS = 9;

type Series = { name: string; color: string; amounts: readonly (string | null)[] };

/** Cost by bucket as stacked bars, what one bar is made of in words, and all of it as a table. */
export function CostChart({ report, search }: { report: CostReportModel; search: CostSearch }) {
  const navigate = useNavigate();
  const [{ zone }] = usePreferences();
  const [pointed, setPointed] = useState<number | null>(null);
  const series = seriesOf(report);
  const totals = report.total.series_usd.map((usd) => Number(usd ?? 0));
  const highest = Math.max(...totals, 0);
  const label = (index: number): string => bucketName(report, index, zone);
  return (
    <figure className={classes["chartFigure"]} aria-label={`Cost by ${report.unit}`}>
      <p className={classes["axis"]}>
        <span>{formatUsd(String(highest))}</span>
      </p>
      <svg
        className={classes["chart"]}
        viewBox={`0 0 ${report.buckets.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Cost by ${report.unit}, at most ${formatUsd(String(highest))}; the table below has every figure`}
        // A finger leaves as soon as it has tapped.
        onPointerLeave={({ pointerType }) => pointerType === "touch" || setPointed(null)}
      >
        {report.buckets.map((bucket, index) => (
          <Bar
            key={bucket}
            index={index}
            series={series}
            highest={highest}
            isPointed={pointed === index}
            onPoint={setPointed}
            onOpen={() => void navigate({ to: "/costs", search: bucketSearch(search, report, index) })}
          />
        ))}
      </svg>
      <Axis report={report} zone={zone} label={label} />
      <ul className={classes["legend"]}>
        {series.map(({ name, color }) => (
          <li key={name}>
            <span className={`${classes["swatch"]} ${classes[color]}`} />
            {name}
          </li>
        ))}
      </ul>
      <p className={classes["readout"]}>{pointed === null ? `Point at a bar, or tap it, to read it; a click looks at the ${report.unit} alone.` : barInWords(report, series, pointed, label(pointed))}</p>
      <details>
        <summary>Figures by {report.unit}</summary>
        <BucketTable report={report} search={search} series={series} label={label} />
      </details>
    </figure>
  );
}

type AxisProps = { report: CostReportModel; zone: TimeZone; label: (index: number) => string };

/** A name under every bar while they fit, else under the first and the last. */
function Axis({ report, zone, label }: AxisProps) {
  const last = report.buckets.length - 1;
  if (report.unit === "hour" || last >= MOST_TICKS || last === 0) {
    return (
      <p className={classes["axis"]}>
        <span>{label(0)}</span>
        <span>{last > 0 ? label(last) : ""}</span>
      </p>
    );
  }
  return (
    <p className={`${classes["axis"]} ${classes["ticks"]}`}>
      {report.buckets.map((bucket) => (
        <span key={bucket}>{formatTime(new Date(bucket), zone, "axis-day")}</span>
      ))}
    </p>
  );
}

type BarProps = {
  index: number;
  series: readonly Series[];
  highest: number;
  isPointed: boolean;
  onPoint: (index: number) => void;
  onOpen: () => void;
};

function Bar({ index, series, highest, isPointed, onPoint, onOpen }: BarProps) {
  return (
    // A finger reads; who wants more has the table, as the keyboard does.
    <g
      className={classes["openable"]}
      onPointerEnter={() => onPoint(index)}
      onClick={({ nativeEvent }) => {
        if (nativeEvent instanceof PointerEvent && nativeEvent.pointerType === "mouse") onOpen();
      }}
    >
      <rect className={isPointed ? classes["pointed"] : classes["hit"]} x={index} y={0} width={1} height={HEIGHT} />
      {stackOf(series, index, highest).map(({ name, color, top, height }) => (
        <rect key={name} className={`${classes["bar"]} ${classes[color]}`} x={index + 0.1} y={top} width={0.8} height={height} />
      ))}
    </g>
  );
}

function stackOf(series: readonly Series[], index: number, highest: number) {
  let top = HEIGHT;
  return series.flatMap(({ name, color, amounts }) => {
    const height = highest > 0 ? (Number(amounts[index] ?? 0) / highest) * HEIGHT : 0;
    top -= height;
    return height > 0 ? [{ name, color, top, height }] : [];
  });
}

type BucketProps = { report: CostReportModel; search: CostSearch; series: readonly Series[]; label: (index: number) => string };

function BucketTable(props: BucketProps) {
  const { report } = props;
  return (
    <Table
      label={`Cost by ${report.unit}`}
      columns={bucketColumns(props)}
      rows={report.buckets.map((_, index) => index)}
      keyOf={String}
    />
  );
}

function bucketColumns({ report, search, series, label }: BucketProps): Column<number>[] {
  return [
    {
      title: report.unit,
      cell: (index) => (
        <Link
          to="/costs"
          search={bucketSearch(search, report, index)}
          className={classes["link"] ?? ""}
          title={`Only this ${report.unit}`}
        >
          {label(index)}
        </Link>
      ),
    },
    ...series.map(({ name, amounts }): Column<number> => ({
      title: name,
      cell: (index) => knownAmount(amounts[index] ?? null),
      exact: (index) => amounts[index] ?? null,
    })),
    {
      title: "Total",
      cell: (index) => knownAmount(report.total.series_usd[index] ?? null),
      exact: (index) => report.total.series_usd[index] ?? null,
    },
    { title: "Unpriced calls", cell: (index) => report.total.series_unpriced_calls[index] || "" },
  ];
}

/** The costliest groups one by one, and all others as one, so that a bar is the total. */
function seriesOf(report: CostReportModel): Series[] {
  // Groups that share calls cannot be stacked: the bar would be higher than the total.
  if (report.overlaps) return [{ name: "All calls", color: "series0", amounts: report.total.series_usd }];
  const own = report.groups.filter((group) => !group.is_rest).slice(0, SERIES);
  const named = own.map((group, index) => ({ name: groupName(group.key, false), color: `series${index}`, amounts: group.series_usd }));
  const others = report.groups.filter((group) => !own.includes(group));
  return others.length === 0 ? named : [...named, { name: "All others", color: "seriesRest", amounts: sumOf(others) }];
}

function sumOf(groups: readonly CostGroup[]): (string | null)[] {
  const length = groups[0]?.series_usd.length ?? 0;
  return Array.from({ length }, (_, index) => {
    const known = groups.map((group) => group.series_usd[index]).filter((usd) => usd !== null && usd !== undefined);
    return known.length === 0 ? null : sumOfUsd(known);
  });
}

function barInWords(report: CostReportModel, series: readonly Series[], index: number, label: string): string {
  const unpriced = report.total.series_unpriced_calls[index] ?? 0;
  const parts = series
    .filter(({ amounts }) => Number(amounts[index] ?? 0) > 0)
    .map(({ name, amounts }) => `${name} ${formatUsd(amounts[index] ?? "0")}`);
  const total = knownAmount(report.total.series_usd[index] ?? null);
  const missing = unpriced > 0 ? `; ${plural(unpriced, "call")} without a price not counted` : "";
  return `${label}: ${total}${parts.length > 1 ? ` (${parts.join(", ")})` : ""}${missing}`;
}

function bucketName(report: CostReportModel, index: number, zone: TimeZone): string {
  const bucket = report.buckets[index];
  if (!bucket) return "";
  const time = new Date(bucket);
  return report.unit === "hour"
    ? `${formatTime(time, zone, "axis-day")} ${formatTime(time, zone, "axis-time")}`
    : formatTime(time, zone, "date");
}
