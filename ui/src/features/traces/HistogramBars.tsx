import { type PointerEvent, useState } from "react";
import type { Histogram as TraceHistogram } from "@/api/schema";
import { usePreferences } from "@/lib/preferences";
import { formatDay, formatTime } from "@/lib/time";
import type { RangeSearch } from "@/lib/timeRange";
import type { Chart } from "./charts";
import classes from "./Histogram.module.css";
import { rangeOfBuckets, shapeOf } from "./histogramShape";

const HEIGHT = 100;
/** A shorter drag is a click that slipped. */
const DRAG_PX = 4;
const TICKS = 6;
const MINUTE_S = 60;
const DAY_S = 86_400;

type BarsProps = {
  histogram: TraceHistogram;
  chart: Chart;
  /** The start of the bucket that is told in figures. */
  told: string | null;
  onTell: (start: string | null) => void;
  onRange: (range: RangeSearch) => void;
};

/** `again`: a finger is on the bar that was told already. */
type Brush = { from: number; to: number; startX: number; moved: boolean; again: boolean };

/** The buckets as bars. For the eye and the pointer; the table says the same to everybody. */
export function HistogramBars({ histogram, chart, told, onTell, onRange }: BarsProps) {
  const { buckets } = histogram;
  const [brush, setBrush] = useState<Brush | null>(null);
  const { bars, top, foot, body } = shapeOf(buckets, chart);
  const bucketAt = (event: PointerEvent<HTMLDivElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(buckets.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * buckets.length)));
  };
  const toldIndex = buckets.findIndex(({ start }) => start === told);
  const tell = (index: number): void => onTell(buckets[index]?.start ?? null);
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const index = bucketAt(event);
    tell(index);
    if (!brush) return;
    const moved = brush.moved || Math.abs(event.clientX - brush.startX) > DRAG_PX;
    setBrush({ ...brush, to: index, moved });
  };
  const finish = (): void => {
    setBrush(null);
    if (brush?.moved || brush?.again) onTell(null);
    if (brush?.moved) onRange(rangeOfBuckets(histogram, brush.from, brush.to));
  };
  const label = top === "" ? "No traces" : `${body}${foot ? ` and ${foot}` : ""}, at most ${top}`;
  return (
    <figure className={classes["figure"]}>
      <span className={classes["top"]}>{top}</span>
      <div
        className={classes["plot"]}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const index = bucketAt(event);
          const again = event.pointerType === "touch" && index === toldIndex;
          tell(index);
          setBrush({ from: index, to: index, startX: event.clientX, moved: false, again });
        }}
        onPointerMove={move}
        onPointerUp={finish}
        onPointerCancel={() => setBrush(null)}
        // A finger leaves as soon as it has tapped.
        onPointerLeave={({ pointerType }) => pointerType === "touch" || onTell(null)}
      >
        <svg viewBox={`0 0 ${buckets.length} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
          {toldIndex >= 0 ? <rect className={classes["told"]} x={toldIndex} width={1} height={HEIGHT} /> : null}
          {bars.map(({ height, foot: part }, index) => (
            <g key={buckets[index]?.start} data-chart={chart} className={classes["bucket"]}>
              <rect {...barOf(index, height)} />
              {part > 0 ? <rect {...barOf(index, part)} className={classes["foot"]} /> : null}
            </g>
          ))}
        </svg>
        {brush?.moved ? <div className={classes["brush"]} style={brushStyle(brush, buckets.length)} /> : null}
      </div>
      <TimeAxis histogram={histogram} />
    </figure>
  );
}

function barOf(index: number, height: number) {
  const drawn = height * HEIGHT;
  return { x: index + 0.1, y: HEIGHT - drawn, width: 0.8, height: drawn };
}

function brushStyle({ from, to }: Brush, buckets: number) {
  const first = Math.min(from, to);
  const count = Math.abs(to - from) + 1;
  return { left: `${(first / buckets) * 100}%`, width: `${(count / buckets) * 100}%` };
}

function TimeAxis({ histogram: { buckets, bucket_s } }: { histogram: TraceHistogram }) {
  const [{ zone }] = usePreferences();
  const every = Math.max(1, Math.ceil(buckets.length / TICKS));
  const isDays = bucket_s * buckets.length > 3 * DAY_S;
  const clock = bucket_s * every < MINUTE_S ? "time" : "axis-time";
  const words = (start: string, before: string | undefined): string => {
    if (!isDays) return formatTime(new Date(start), zone, clock);
    return formatDay(new Date(start), zone, before === undefined ? undefined : new Date(before));
  };
  return (
    <div className={classes["axis"]} aria-hidden>
      {buckets.map(({ start }, index) =>
        index % every === 0 && index <= buckets.length - every / 2 ? (
          <span key={start} style={{ left: `${(index / buckets.length) * 100}%` }}>
            {words(start, buckets[index - every]?.start)}
          </span>
        ) : null,
      )}
    </div>
  );
}
