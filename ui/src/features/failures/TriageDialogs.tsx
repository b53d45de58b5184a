import { type ReactNode, useState } from "react";
import type { FailureAction, FailureCluster } from "@/api/schema";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { SelectField, TextField } from "@/kit/Fields";
import { formatInteger } from "@/lib/format";
import classes from "./Failures.module.css";
import { categoryLabel } from "./StateBadge";
import type { Question, Triage } from "./triage";

type DialogsProps = { triage: Triage; others: readonly FailureCluster[]; people: readonly string[] };

const TITLES: Record<Question, string> = {
  assign: "Assign",
  rename: "Change the title",
  severity: "Severity",
  ignore: "Ignore until it occurred more often",
  merge: "Merge",
};

/** Asks what a decision needs to know. `others` can be merged in, `people` are offered as assignees. */
export function TriageDialogs({ triage, others, people }: DialogsProps) {
  const { cluster, question } = triage;
  if (!cluster || !question) return null;
  return (
    <Dialog open onClose={triage.close} title={TITLES[question]}>
      <p className={classes["about"]}>{cluster.title}</p>
      <Form question={question} cluster={cluster} others={others} people={people} decide={triage.decide} />
    </Dialog>
  );
}

type FormProps = {
  question: Question;
  cluster: FailureCluster;
  others: readonly FailureCluster[];
  people: readonly string[];
  decide: (action: FailureAction) => void;
};

function Form({ question, cluster, others, people, decide }: FormProps) {
  switch (question) {
    case "assign":
      return <AssignForm cluster={cluster} people={people} decide={decide} />;
    case "rename":
      return (
        <TextForm
          label="Title"
          initial={cluster.title}
          maxLength={MAX_TITLE}
          problemOf={(title) => (title ? undefined : "A title has at least one character")}
          onSubmit={(title) => decide({ action: "rename", title })}
        />
      );
    case "severity":
      return <SeverityForm cluster={cluster} decide={decide} />;
    case "ignore":
      return (
        <TextForm
          label="Come back after this many more occurrences"
          initial="100"
          problemOf={occurrenceProblem}
          onSubmit={(text) => decide({ action: "ignore", until_more: Number(text) })}
        />
      );
    case "merge":
      return <MergeForm cluster={cluster} others={others} decide={decide} />;
  }
}

/** What the API takes at most. */
const MAX_TITLE = 300;
const MAX_ASSIGNEE = 200;
const MAX_OCCURRENCES = 1e9;

function occurrenceProblem(text: string): string | undefined {
  if (!/^0*[1-9]\d*$/.test(text)) return "A whole number from 1 on";
  return Number(text) > MAX_OCCURRENCES ? `At most ${formatInteger(MAX_OCCURRENCES)}` : undefined;
}

type TextFormProps = {
  label: string;
  initial: string;
  maxLength?: number;
  /** Why a text cannot be saved. */
  problemOf?: (text: string) => string | undefined;
  onSubmit: (text: string) => void;
  children?: ReactNode;
};

function TextForm({ label, initial, maxLength, problemOf, onSubmit, children }: TextFormProps) {
  const [text, setText] = useState(initial);
  const [problem, setProblem] = useState<string>();
  return (
    <form
      className={classes["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        const typed = text.trim();
        const found = problemOf?.(typed);
        setProblem(found);
        if (!found) onSubmit(typed);
      }}
    >
      <TextField
        label={label}
        value={text}
        onChange={(next) => {
          setText(next);
          setProblem(undefined);
        }}
        error={problem}
        {...(maxLength ? { maxLength } : {})}
        focusFirst
      />
      {children}
      <Button type="submit" look="primary">
        Save
      </Button>
    </form>
  );
}

function AssignForm({ cluster, people, decide }: { cluster: FailureCluster; people: readonly string[]; decide: FormProps["decide"] }) {
  const assign = (assignee: string): void => decide({ action: "assign", assignee });
  return (
    <TextForm label="Who takes care of it (empty: nobody)" initial={cluster.assignee} maxLength={MAX_ASSIGNEE} onSubmit={assign}>
      {people.length > 0 ? (
        <div className={classes["choices"]}>
          {people.slice(0, 6).map((person) => (
            <Button key={person} onClick={() => assign(person)}>
              {person}
            </Button>
          ))}
        </div>
      ) : null}
    </TextForm>
  );
}

const SEVERITIES = ["low", "medium", "high", "critical"] as const;

function SeverityForm({ cluster, decide }: { cluster: FailureCluster; decide: FormProps["decide"] }) {
  return (
    <div className={classes["choices"]}>
      {SEVERITIES.map((severity) => (
        <Button
          key={severity}
          look={severity === cluster.severity ? "primary" : "plain"}
          onClick={() => decide({ action: "severity", severity })}
        >
          {severity}
        </Button>
      ))}
      {cluster.severity ? <Button onClick={() => decide({ action: "severity", severity: "" })}>none</Button> : null}
    </div>
  );
}

type MergeProps = { cluster: FailureCluster; others: readonly FailureCluster[]; decide: FormProps["decide"] };

/** Those of the same category come first: they most likely have the same cause. */
function MergeForm({ cluster, others, decide }: MergeProps) {
  const [other, setOther] = useState<string | null>(null);
  const options = others
    .filter((each) => each.id !== cluster.id)
    .toSorted((one, two) => Number(two.category === cluster.category) - Number(one.category === cluster.category))
    .map((each) => ({ value: each.id, label: `${each.title.slice(0, 90)} · ${categoryLabel(each.category)}` }));
  if (options.length === 0) return <p>There is no other cluster to merge with.</p>;
  return (
    <form
      className={classes["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (other) decide({ action: "merge", other });
      }}
    >
      <SelectField
        label="Take over all failures of"
        value={other}
        options={options}
        onChange={setOther}
        searchable
        focusFirst
      />
      <Button type="submit" look="primary" disabled={!other}>
        Merge
      </Button>
    </form>
  );
}
