import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { drawScoreLine, removeScoreLine, scoreLinesQuery } from "@/api/failures";
import type { ScoreLine } from "@/api/schema";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { TextField } from "@/kit/Fields";
import { EvaluationIcon } from "@/kit/icons";
import { ErrorState, LoadingRows } from "@/kit/States";
import classes from "./Failures.module.css";

/** The button that opens the lines below which scores count as failures. */
export function ScoreLines() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<EvaluationIcon size={14} />} onClick={() => setOpen(true)}>
        Score lines
      </Button>
      {open ? (
        <Dialog open onClose={() => setOpen(false)} title="Score lines" size="lg">
          <p className={classes["about"]}>
            A score from code or a model that is below its line counts as a failure, from now on. What has no line counts
            by its label only.
          </p>
          <Lines />
        </Dialog>
      ) : null}
    </>
  );
}

function Lines() {
  const { data, error, refetch } = useQuery(scoreLinesQuery());
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <LoadingRows label="Loading score lines" />;
  return (
    <>
      {data.lines.length > 0 ? (
        <ul className={classes["lines"]} aria-label="Lines">
          {data.lines.map((line) => (
            <li key={line.name}>
              <LineForm key={line.line} line={line} />
            </li>
          ))}
        </ul>
      ) : (
        <p className={classes["about"]}>No score has a line yet.</p>
      )}
      {/* A new form for each set of lines: what was added is above, and the fields are empty again. */}
      <AddForm key={data.lines.map(({ name }) => name).join("\0")} />
    </>
  );
}

/** What changes lines, and the message of what went wrong last. */
function useLines() {
  const queries = useQueryClient();
  const onSettled = (): Promise<void> => queries.invalidateQueries({ queryKey: ["failures", "score-lines"] });
  const draw = useMutation({ mutationFn: drawScoreLine, onSettled });
  const remove = useMutation({ mutationFn: removeScoreLine, onSettled });
  return { draw, remove, failure: (draw.error ?? remove.error)?.message };
}

/** The number that a person typed, `undefined` for anything else. */
function numberOf(text: string): number | undefined {
  const value = Number(text.trim());
  return text.trim() !== "" && Number.isFinite(value) ? value : undefined;
}

const NOT_A_NUMBER = "This is not a number";

function LineForm({ line }: { line: ScoreLine }) {
  const [text, setText] = useState(String(line.line));
  const { draw, remove, failure } = useLines();
  const value = numberOf(text);
  return (
    <form
      className={classes["line"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (value !== undefined) draw.mutate({ name: line.name, line: value });
      }}
    >
      <span className={classes["score-name"]} title={line.name}>
        {line.name}
      </span>
      <TextField
        label={`Line of ${line.name}`}
        hideLabel
        value={text}
        onChange={setText}
        error={value === undefined ? NOT_A_NUMBER : failure}
      />
      <Button type="submit" busy={draw.isPending} disabled={value === undefined || value === line.line}>
        Change
      </Button>
      <Button busy={remove.isPending} onClick={() => remove.mutate(line.name)} aria-label={`Remove the line of ${line.name}`}>
        Remove
      </Button>
    </form>
  );
}

function AddForm() {
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const { draw, failure } = useLines();
  const value = numberOf(text);
  return (
    <form
      className={classes["line"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() && value !== undefined) draw.mutate({ name: name.trim(), line: value });
      }}
    >
      <TextField label="Name of the score" placeholder="faithful" value={name} onChange={setName} focusFirst />
      <TextField
        label="Below this it failed"
        placeholder="0.5"
        value={text}
        onChange={setText}
        error={text.trim() !== "" && value === undefined ? NOT_A_NUMBER : failure}
      />
      <Button type="submit" look="primary" busy={draw.isPending} disabled={!name.trim() || value === undefined}>
        Add
      </Button>
    </form>
  );
}
