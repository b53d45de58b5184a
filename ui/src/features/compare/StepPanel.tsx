import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { stepDiffQuery } from "@/api/compare";
import type { DiffStep, StepSide, TextDifference, TraceSummary } from "@/api/schema";
import { IconButton } from "@/kit/Button";
import { CloseIcon } from "@/kit/icons";
import { KindIcon } from "@/kit/KindIcon";
import { ErrorState, LoadingRows } from "@/kit/States";
import { parseKind } from "@/lib/kinds";
import classes from "./Compare.module.css";
import { TextDiffView } from "./TextDiffView";

type PanelProps = { step: DiffStep; left: TraceSummary; right: TraceSummary; onClose: () => void };

/** One step: where it is in both traces, and what its texts have not in common. */
export function StepPanel({ step, left, right, onClose }: PanelProps) {
  const side = step.right ?? step.left;
  return (
    <>
      <div className={classes["panelHead"]}>
        <KindIcon kind={parseKind(side?.kind ?? "")} />
        <h2 className={classes["panelTitle"]}>{side?.name || "(no name)"}</h2>
        <IconButton label="Close the step" onClick={onClose}>
          <CloseIcon size={15} />
        </IconButton>
      </div>
      <p className={classes["places"]}>
        <Place title="Open in the left trace" trace={left} side={step.left} />
        <Place title="Open in the right trace" trace={right} side={step.right} />
      </p>
      <div className={classes["panelBody"]}>
        {step.left && step.right ? (
          <Texts left={left} right={right} sides={[step.left, step.right]} />
        ) : (
          <OneSide trace={step.left ? left : right} side={side} which={step.left ? "left" : "right"} />
        )}
      </div>
    </>
  );
}

function Place({ title, trace, side }: { title: string; trace: TraceSummary; side: StepSide | null }) {
  if (!side) return null;
  return (
    <Link to="/t/$traceId" params={{ traceId: trace.trace_id }} search={{ span: side.span_id }}>
      {title}
    </Link>
  );
}

type OneSideProps = { trace: TraceSummary; side: StepSide | null; which: "left" | "right" };

/** A step without an answer on the other side: beside itself, its texts are readable and differ in nothing. */
function OneSide({ trace, side, which }: OneSideProps) {
  return (
    <>
      <p className={classes["dim"]}>Only the {which} trace has this step.</p>
      {side ? <Texts left={trace} right={trace} sides={[side, side]} /> : null}
    </>
  );
}

type TextsProps = { left: TraceSummary; right: TraceSummary; sides: readonly [StepSide, StepSide] };

function Texts({ left, right, sides: [one, other] }: TextsProps) {
  const { data, error, refetch } = useQuery(stepDiffQuery(left.trace_id, right.trace_id, one.span_id, other.span_id));
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <LoadingRows rows={6} label="Comparing the texts" />;
  if (data.parts.length === 0) {
    return <p className={classes["dim"]}>{one === other ? "It carries no content." : "Neither side carries content."}</p>;
  }
  return data.parts.map((difference) => (
    <section key={difference.part} className={classes["part"]} aria-label={titleOf(difference, other)}>
      <h3 className={classes["partTitle"]}>
        {titleOf(difference, other)}
        {difference.changed || one === other ? null : <span className={classes["dim"]}> · the same</span>}
      </h3>
      <TextDiffView difference={difference} folds={one !== other} />
    </section>
  ));
}

function titleOf({ part }: TextDifference, { kind }: StepSide): string {
  if (part === "error") return "Error";
  if (part === "instructions") return "Instructions";
  if (part === "tools") return "Tools offered";
  if (kind === "tool") return part === "input" ? "Arguments" : "Result";
  if (kind === "llm") return part === "input" ? "Prompt" : "Answer";
  return part === "input" ? "Input" : "Output";
}
