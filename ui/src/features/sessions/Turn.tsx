import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { SessionTurn, TurnText } from "@/api/schema";
import { spanQuery } from "@/api/traces";
import { Badge } from "@/kit/Badge";
import { Cost, Duration, Timestamp, Tokens } from "@/kit/Figures";
import { ScoreBadge } from "@/kit/ScoreBadge";
import { StatusMark } from "@/kit/StatusMark";
import { TextContent } from "@/kit/TextContent";
import { formatDuration, isCutPreview } from "@/lib/format";
import classes from "./Conversation.module.css";
import { readInput, readOutput } from "./fullText";

/** Longer pauses are worth a word. */
const PAUSE_NS = 60_000_000_000;

type TurnProps = { turn: SessionTurn; number: number; pauseNs: number };

/** One trace of a conversation: what was asked, what was answered, and what that took. */
export function Turn({ turn, number, pauseNs }: TurnProps) {
  const { trace, input, output, scores } = turn;
  return (
    <>
      {pauseNs >= PAUSE_NS ? <p className={classes["pause"]}>{formatDuration(pauseNs)} later</p> : null}
      <article aria-label={`Turn ${number}`} className={classes["card"]}>
        <header className={classes["meta"]}>
          <StatusMark trace={trace} />
          <Link to="/t/$traceId" params={{ traceId: trace.trace_id }} className={classes["name"]} title={trace.name}>
            {trace.name || "(no name)"}
          </Link>
          <span className={classes["when"]}>
            <Timestamp time={trace.start_time} shape="list" />
          </span>
          <Duration ns={trace.duration_ns} />
          {trace.tokens.input + trace.tokens.output > 0 ? (
            <span>
              <Tokens tokens={trace.tokens} /> tokens
            </span>
          ) : null}
          {trace.cost.state === "none" ? null : <Cost cost={trace.cost} />}
          {trace.failure_categories.map((category) => (
            <Badge key={category} tone="error">
              {category.replaceAll("_", " ")}
            </Badge>
          ))}
        </header>
        <Text side="input" label="Input" text={input} traceId={trace.trace_id} />
        <Text side="output" label="Output" text={output} traceId={trace.trace_id} />
        {scores.length > 0 ? (
          <footer className={classes["scores"]}>
            {scores.map((score) => (
              <ScoreBadge key={score.score_id} score={score} />
            ))}
          </footer>
        ) : null}
      </article>
    </>
  );
}

type TextProps = { side: "input" | "output"; label: string; text: TurnText; traceId: string };

/** The start of a text; all of it on request. */
function Text({ side, label, text, traceId }: TextProps) {
  const [whole, setWhole] = useState(false);
  const span = useQuery({ ...spanQuery(traceId, text.span_id), enabled: whole });
  if (text.text === "") {
    return (
      <Bubble side={side} label={label}>
        <p className={classes["absent"]}>{side === "input" ? "No input was recorded" : "No output was recorded"}</p>
      </Bubble>
    );
  }
  const full = span.data ? (side === "input" ? readInput(span.data) : readOutput(span.data)) : "";
  return (
    <Bubble side={side} label={label}>
      <TextContent text={full === "" ? text.text : full} />
      {isCutPreview(text.text) && !span.data ? (
        <button
          type="button"
          className={classes["whole"]}
          disabled={span.isFetching}
          onClick={() => (whole ? void span.refetch() : setWhole(true))}
        >
          {span.isFetching ? "Loading…" : span.error ? "It could not be loaded. Try again" : "Show all of it"}
        </button>
      ) : null}
    </Bubble>
  );
}

function Bubble({ side, label, children }: { side: "input" | "output"; label: string; children: ReactNode }) {
  return (
    <div role="group" className={classes["bubble"]} data-side={side} aria-label={label}>
      {children}
    </div>
  );
}
