import { type PointerEvent, useState } from "react";
import type { HistogramBucket, Histogram as TraceHistogram } from "@/api/schema";
import { usePreferences } from "@/lib/preferences";
import { formatTime } from "@/lib/time";
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
  onHover: (bucket: HistogramBucket | null) => void;
  onRange: (range: RangeSearch) => void;
};

type Brush = { from: number; to: number; startX: number; moved: boolean };

/** The buckets as bars. For the eye and the pointer; the table says the same to everybody. */
export function HistogramBars({ histogram, chart, onHover, onRange }: BarsProps) {
  const { buckets } = histogram;
  const [brush, setBrush] = useState<Brush | null>(null);
  const [hovered, setHovered] = useState(-1);
  const { bars, top, foot, body } = shapeOf(buckets, chart);
  const bucketAt = (event: PointerEvent<HTMLDivElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(buckets.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * buckets.length)));
  };
  const hover = (index: number): void => {
    if (index === hovered) return;
    setHovered(index);
    onHover(buckets[index] ?? null);
  };
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const index = bucketAt(event);
    hover(index);
    if (!brush) return;
    const moved = brush.moved || Math.abs(event.clientX - brush.startX) > DRAG_PX;
    setBrush({ ...brush, to: index, moved });
  };
  const finish = (): void => {
    if (brush?.moved) onRange(rangeOfBuckets(histogram, brush.from, brush.to));
    setBrush(null);
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
          setBrush({ from: index, to: index, startX: event.clientX, moved: false });
        }}
        onPointerMove={move}
        onPointerUp={finish}
        onPointerCancel={() => setBrush(null)}
        onPointerLeave={() => hover(-1)}
      >
        <svg viewBox={`0 0 ${buckets.length} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
          {hovered >= 0 ? <rect className={classes["hovered"]} x={hovered} width={1} height={HEIGHT} /> : null}
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
  return (
    <div className={classes["axis"]} aria-hidden>
      {buckets.map(({ start }, index) =>
        index % every === 0 && index <= buckets.length - every / 2 ? (
          <span key={start} style={{ left: `${(index / buckets.length) * 100}%` }}>
            {formatTime(new Date(start), zone, isDays ? "axis-day" : clock)}
          </span>
        ) : null,
      )}
    </div>
  );
}
