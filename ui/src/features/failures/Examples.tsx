import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { FailureExample } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { Timestamp } from "@/kit/Figures";
import { Segmented } from "@/kit/Segmented";
import { TextContent } from "@/kit/TextContent";
import { isCutPreview } from "@/lib/format";
import classes from "./Failures.module.css";

type ExamplesProps = {
  examples: readonly FailureExample[];
  healthy: FailureExample | null;
};

/** One failing span beside a healthy one of the same kind. */
export function Examples({ examples, healthy }: ExamplesProps) {
  const [chosen, setChosen] = useState("0");
  const example = examples[Number(chosen)] ?? examples[0];
  return (
    <section className={classes["panel"]} aria-label="Examples">
      <div className={classes["bar-head"]}>
        <h2>Examples</h2>
        {examples.length > 1 ? (
          <Segmented
            label="Example"
            value={chosen}
            onChange={setChosen}
            options={examples.map((_, index) => ({ value: String(index), label: String(index + 1) }))}
          />
        ) : null}
      </div>
      {example ? (
        <div className={classes["sides"]}>
          <Side title="Failing" example={example} />
          {healthy ? (
            <Side title="Healthy" example={healthy} />
          ) : (
            <p className={classes["dim"]}>No healthy span of the same app, name and kind in this time range.</p>
          )}
        </div>
      ) : (
        <p className={classes["dim"]}>None of its spans is there any more.</p>
      )}
    </section>
  );
}

function Side({ title, example }: { title: string; example: FailureExample }) {
  return (
    <article className={classes["side"]} aria-label={title}>
      <h3>
        {title}:{" "}
        <Link to="/t/$traceId" params={{ traceId: example.trace_id }} search={{ span: example.span_id }}>
          {example.name || "(no name)"}
        </Link>
      </h3>
      <p className={classes["badges"]}>
        <Timestamp time={example.start_time} shape="list" />
        {[example.app, example.app_version, example.model].filter(Boolean).map((fact) => (
          <Badge key={fact}>{fact}</Badge>
        ))}
      </p>
      {example.message ? (
        <>
          <Part label="Failure" text={example.message} />
          <p className={classes["dim"]}>Found because {example.reason}.</p>
        </>
      ) : null}
      <Part label="Input" text={previewText(example.input_preview)} />
      <Part label="Output" text={previewText(example.output_preview)} />
    </article>
  );
}

function previewText(preview: string): string {
  return isCutPreview(preview) ? `${preview}…` : preview;
}

function Part({ label, text }: { label: string; text: string }) {
  return (
    <div className={classes["part"]}>
      <h4>{label}</h4>
      {text ? <TextContent text={text} look="code" /> : <p className={classes["dim"]}>empty or not recorded</p>}
    </div>
  );
}
