import { memo, type MouseEvent } from "react";
import {
  CacheIcon,
  ChevronDownIcon,
  ChevronRightIcon,
  ClockIcon,
  ErrorIcon,
  GuardrailIcon,
  WarnIcon,
} from "@/kit/icons";
import { KindIcon, kindColor } from "@/kit/KindIcon";
import { formatCount, formatDuration, formatUsd } from "@/lib/format";
import { parseKind } from "@/lib/kinds";
import { hasChildren, hasFailed, type SpanTree } from "./spanTree";
import { placeSpan, type TimeWindow } from "./timeAxis";
import classes from "./Waterfall.module.css";

/** Deeper spans are not indented further, or their names would leave the screen. */
export const MAX_INDENT = 14;
/** A bar that ends after this share of the width has its duration on the left. */
const LABEL_FLIPS_AT = 0.8;

type RowProps = {
  tree: SpanTree;
  period: TimeWindow;
  position: number;
  top: number;
  folded: boolean;
  /** The search found it. */
  found: boolean;
  /** Steps back behind the spans of the critical path. */
  aside: boolean;
  selected: boolean;
  onSelect: (position: number) => void;
  onToggle: (position: number) => void;
};

/** One span as a line of the waterfall. */
export const WaterfallRow = memo(function WaterfallRow(props: RowProps) {
  const { tree, period, position, top, folded, found, aside, selected, onSelect, onToggle } = props;
  const { columns } = tree;
  const isParent = hasChildren(tree, position);
  const failed = hasFailed(columns, position);
  const depth = columns.depth[position] ?? 0;
  const toggle = (event: MouseEvent): void => {
    event.stopPropagation();
    onToggle(position);
  };
  const Chevron = folded ? ChevronRightIcon : ChevronDownIcon;
  return (
    // The tree holds the focus and names the active row; keys are handled by the page.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={`span-${position}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={selected}
      {...(isParent ? { "aria-expanded": !folded } : {})}
      className={classes["row"]}
      style={{ top, ["--indent" as string]: Math.min(depth, MAX_INDENT) }}
      data-selected={selected}
      data-found={found}
      data-aside={aside}
      onClick={() => onSelect(position)}
    >
      <div className={classes["name"]} data-leaf={!isParent}>
        {isParent ? (
          <span className={classes["fold"]} onClick={toggle} aria-hidden>
            <Chevron size={13} />
          </span>
        ) : null}
        {depth > MAX_INDENT ? (
          <span className={classes["level"]} title={`${depth} levels below the root`} aria-hidden>
            {depth}
          </span>
        ) : null}
        <KindIcon kind={parseKind(columns.kind[position] ?? "")} />
        <span className={`${classes["text"]} ${failed ? classes["failed"] : ""}`} title={columns.name[position]}>
          {columns.name[position] || "(no name)"}
        </span>
        <Model tree={tree} position={position} />
        <Flags tree={tree} position={position} folded={folded} />
      </div>
      <TokenFigure tree={tree} position={position} />
      <CostFigure tree={tree} position={position} />
      <Bar tree={tree} period={period} position={position} failed={failed} />
    </div>
  );
});

type PartProps = { tree: SpanTree; position: number };

function Model({ tree: { columns }, position }: PartProps) {
  const model = columns.model[position] ?? "";
  // "chat gpt-4o" says the model already.
  if (!model || columns.name[position]?.includes(model)) return null;
  return <span className={classes["model"]}>{model}</span>;
}

function Flags({ tree, position, folded }: PartProps & { folded: boolean }) {
  const { columns, failuresBelow } = tree;
  const below = failuresBelow[position] ?? 0;
  const guardrail = columns.guardrail_outcome[position];
  return (
    <>
      <Failure tree={tree} position={position} />
      {folded && below > 0 ? (
        <span className={classes["flag"]} style={{ color: "var(--sl-error)" }} title={`${below} failures below`}>
          <ErrorIcon size={12} aria-hidden />
          {below}
        </span>
      ) : null}
      {guardrail === "block" || guardrail === "warn" ? (
        <span className={classes["flag"]} style={{ color: "var(--sl-kind-guardrail)" }} title={`Guardrail: ${guardrail}`}>
          <GuardrailIcon size={13} role="img" aria-label={`Guardrail: ${guardrail}`} />
          {guardrail}
        </span>
      ) : null}
      {columns.cache_hit[position] === true ? (
        <span className={classes["flag"]} style={{ color: "var(--sl-kind-cache)" }} title="Answered from the cache">
          <CacheIcon size={12} role="img" aria-label="Cache hit" />
          hit
        </span>
      ) : null}
      {columns.orphan[position] ? (
        <span className={classes["flag"]} style={{ color: "var(--sl-warn)" }} title="Its parent has not arrived">
          <WarnIcon size={12} role="img" aria-label="Its parent has not arrived" />
        </span>
      ) : null}
      <Skew ns={columns.clock_skew_ns[position] ?? 0} />
    </>
  );
}

function Failure({ tree: { columns }, position }: PartProps) {
  if (!hasFailed(columns, position)) return null;
  const carried = columns.failure_propagated[position];
  const what = columns.failure_category[position]?.replaceAll("_", " ") || "failed";
  return (
    <span
      className={classes["flag"]}
      style={{ color: carried ? "var(--sl-faint)" : "var(--sl-error)" }}
      title={carried ? `Because of a span below: ${what}` : `Failed: ${what}`}
    >
      <ErrorIcon size={13} role="img" aria-label={`Failed: ${what}`} />
    </span>
  );
}

function Skew({ ns }: { ns: number }) {
  if (ns === 0) return null;
  const text = `Its clock was behind: moved by ${formatDuration(ns)} to where its parent starts`;
  return (
    <span className={classes["flag"]} style={{ color: "var(--sl-warn)" }} title={text}>
      <ClockIcon size={12} role="img" aria-label={text} />
    </span>
  );
}

function TokenFigure({ tree, position }: PartProps) {
  const own = (tree.columns.input_tokens[position] ?? 0) + (tree.columns.output_tokens[position] ?? 0);
  const total = tree.columns.subtree_tokens[position] ?? 0;
  const shown = own || total;
  if (!shown) return null;
  return (
    <span
      className={`${classes["figure"]} ${classes["tokens"]} ${own ? "" : classes["rolled"]}`}
      title={own ? "Tokens of this call" : "Tokens of all calls below"}
    >
      {formatCount(shown)}
    </span>
  );
}

function CostFigure({ tree, position }: PartProps) {
  const { cost_usd, cost_state } = tree.columns;
  const own = cost_usd[position];
  if (cost_state[position] === "unpriced") {
    return <span className={`${classes["figure"]} ${classes["cost"]} ${classes["unpriced"]}`}>unpriced</span>;
  }
  if (own !== null && own !== undefined) {
    const mark = cost_state[position] === "estimated" ? "~ " : "";
    return <span className={`${classes["figure"]} ${classes["cost"]}`}>{`${mark}${formatUsd(own)}`}</span>;
  }
  const total = tree.columns.subtree_cost_usd[position] ?? null;
  const unpriced = tree.unpricedCalls[position] ?? 0;
  const mark = unpriced > 0 ? "≥ " : (tree.estimatedCalls[position] ?? 0) > 0 ? "~ " : "";
  const text = total === null ? (unpriced > 0 ? "unpriced" : "") : `${mark}${formatUsd(total)}`;
  if (text === "") return null;
  return (
    <span className={`${classes["figure"]} ${classes["cost"]} ${classes["rolled"]}`} title="Cost of all calls below">
      {text}
    </span>
  );
}

function Bar({ tree, period, position, failed }: PartProps & { period: TimeWindow; failed: boolean }) {
  const { columns } = tree;
  const duration = columns.duration_ns[position] ?? 0;
  const offset = columns.start_offset_ns[position] ?? 0;
  const { left, right, side } = placeSpan(period, offset, duration);
  if (side) return <Outside side={side} />;
  const firstToken = columns.time_to_first_token_ns[position] ?? 0;
  const first = placeSpan(period, offset + firstToken, 0);
  const flips = right > LABEL_FLIPS_AT && left > 1 - LABEL_FLIPS_AT;
  return (
    <div className={classes["track"]}>
      <div
        className={classes["span"]}
        data-failed={failed}
        style={{
          left: `${left * 100}%`,
          width: `${(right - left) * 100}%`,
          ["--kind" as string]: kindColor(parseKind(columns.kind[position] ?? "")),
        }}
      >
        {firstToken > 0 && firstToken < duration && !first.side ? (
          <span
            className={classes["first"]}
            style={{ left: `${((first.left - left) / (right - left)) * 100}%` }}
            title={`First token after ${formatDuration(firstToken)}`}
          />
        ) : null}
      </div>
      <span
        className={classes["time"]}
        data-side={flips ? "left" : "right"}
        style={{ left: `${(flips ? left : right) * 100}%` }}
      >
        {formatDuration(duration)}
      </span>
    </div>
  );
}

function Outside({ side }: { side: "left" | "right" }) {
  return (
    <div className={classes["track"]}>
      <span
        className={classes["time"]}
        data-outside={side}
        title={side === "left" ? "Before what the axis shows" : "After what the axis shows"}
      >
        {side === "left" ? "‹" : "›"}
      </span>
    </div>
  );
}
