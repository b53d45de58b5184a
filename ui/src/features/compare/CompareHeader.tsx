import { Link } from "@tanstack/react-router";
import type { TraceDiff, TraceSummary } from "@/api/schema";
import { Cost, Duration, Timestamp, Tokens } from "@/kit/Figures";
import { useDocumentTitle } from "@/kit/PageHeader";
import { SwapIcon } from "@/kit/icons";
import { StatusMark } from "@/kit/StatusMark";
import { formatInteger } from "@/lib/format";
import classes from "./Compare.module.css";
import { CostDelta, DurationDelta, TokenDelta } from "./Delta";

/** What both traces were, and what the right one has more or less of. */
export function CompareHeader({ diff }: { diff: TraceDiff }) {
  const { left, right, counts, delta } = diff;
  useDocumentTitle(`${left.name} beside ${right.name}`);
  return (
    <header className={classes["header"]}>
      <div className={classes["titleLine"]}>
        <h1 className={classes["title"]}>Compare</h1>
        <Link
          to="/compare"
          search={{ left: right.trace_id, right: left.trace_id }}
          className={classes["swap"]}
          aria-label="Swap the sides"
          title="Swap the sides"
        >
          <SwapIcon size={15} />
        </Link>
        <p className={classes["counts"]}>
          <b>{formatInteger(counts.same)}</b> same · <b>{formatInteger(counts.changed)}</b> changed ·{" "}
          <b>{formatInteger(counts.left)}</b> only left · <b>{formatInteger(counts.right)}</b> only right
        </p>
      </div>
      <div className={classes["sides"]}>
        <Side title="Left" trace={left} />
        <Side title="Right" trace={right} />
        <dl className={classes["totals"]} aria-label="Right minus left">
          <div>
            <dt>Duration</dt>
            <dd>
              <DurationDelta ns={delta.duration_ns} />
            </dd>
          </div>
          <div>
            <dt>Tokens</dt>
            <dd>
              <TokenDelta tokens={delta.tokens} />
            </dd>
          </div>
          <div>
            <dt>Cost</dt>
            <dd>
              <CostDelta usd={delta.cost_usd} known={left.cost.state !== "none" || right.cost.state !== "none"} />
            </dd>
          </div>
        </dl>
      </div>
    </header>
  );
}

function Side({ title, trace }: { title: string; trace: TraceSummary }) {
  return (
    <section className={classes["side"]} aria-label={title}>
      <p className={classes["sideName"]}>
        <span className={classes["which"]}>{title}</span>
        <StatusMark trace={trace} />
        <Link to="/t/$traceId" params={{ traceId: trace.trace_id }} className={classes["link"]}>
          {trace.name || "(no name)"}
        </Link>
      </p>
      <p className={classes["sideFacts"]}>
        <Timestamp time={trace.start_time} shape="list" />
        <Duration ns={trace.duration_ns} />
        <span>
          <Tokens tokens={trace.tokens} /> tok
        </span>
        <Cost cost={trace.cost} />
        <span className={classes["models"]}>{trace.models.join(", ")}</span>
      </p>
    </section>
  );
}
