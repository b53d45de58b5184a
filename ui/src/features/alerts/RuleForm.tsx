import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { channelsQuery, previewRule, saveRule } from "@/api/alerts";
import { Button } from "@/kit/Button";
import { SelectField, TextField } from "@/kit/Fields";
import { focusFirstField } from "@/lib/focus";
import classes from "./Alerts.module.css";
import { ChoiceChips } from "./ChoiceChips";
import { keyProblem } from "./keys";
import { PreviewResult } from "./PreviewResult";
import { CONDITIONS, draftDocument, fieldLabel, freshCondition, GROUPS, isKind, MEASURES, type RuleDraft } from "./ruleDraft";

const NO_DATA = [
  { value: "keep", label: "changes nothing" },
  { value: "zero", label: "counts as zero" },
  { value: "alert", label: "fires" },
];

const KINDS = Object.entries(CONDITIONS).map(([value, { label }]) => ({ value, label }));

type FormProps = {
  start: RuleDraft;
  /** Of the rule as it was when `start` was made from it; none for a new rule. */
  etag: string | undefined;
  /** Keys of the rules that there are. */
  taken: readonly string[];
  onSaved: () => void;
  onClose: () => void;
};

/** Makes a rule, or changes the one that `start` is of; says what it would have done before it is saved. */
export function RuleForm({ start, etag, taken, onSaved, onClose }: FormProps) {
  const [draft, setDraft] = useState<RuleDraft>(start);
  const [keyError, setKeyError] = useState<string>();
  const isNew = start.key === "";
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => saveRule(draft.key, draftDocument(draft), etag),
    onSettled: () => queries.invalidateQueries({ queryKey: ["alerts"] }),
  });
  const preview = useMutation({ mutationFn: () => previewRule(draftDocument(draft)) });
  const failure = save.error ?? preview.error;
  const change = (changes: Partial<RuleDraft>): void => {
    setDraft({ ...draft, ...changes });
    if (changes.key !== undefined) setKeyError(undefined);
  };
  return (
    <form
      ref={focusFirstField}
      className={classes["panel"]}
      aria-label={isNew ? "New rule" : `Rule ${start.key}`}
      onSubmit={(event) => {
        event.preventDefault();
        // What is saved under a key that there is replaces it.
        const problem = isNew ? keyProblem(draft.key, "rule", taken) : undefined;
        setKeyError(problem);
        if (!problem) save.mutate(undefined, { onSuccess: onSaved });
      }}
    >
      <What draft={draft} change={change} isNew={isNew} keyError={keyError} />
      <When draft={draft} change={change} />
      <Whom draft={draft} change={change} />
      <div className={classes["actions"]}>
        <Button type="submit" look="primary" busy={save.isPending}>
          Save
        </Button>
        <Button busy={preview.isPending} onClick={() => preview.mutate()}>
          Preview on history
        </Button>
        <Button look="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
      {failure ? (
        <p className={classes["error"]} role="alert">
          {failure.message}
        </p>
      ) : null}
      {preview.data ? <PreviewResult preview={preview.data} /> : null}
    </form>
  );
}

type PartProps = { draft: RuleDraft; change: (changes: Partial<RuleDraft>) => void };

function What({ draft, change, isNew, keyError }: PartProps & { isNew: boolean; keyError: string | undefined }) {
  return (
    <>
      <div className={classes["form"]}>
        <TextField label="Name" value={draft.name} onChange={(name) => change({ name })} placeholder="Chat spends too fast" />
        {isNew ? (
          <TextField
            label="Key"
            value={draft.key}
            onChange={(key) => change({ key })}
            placeholder="chat-spend"
            error={keyError}
          />
        ) : null}
        <SelectField
          label="Measure"
          searchable
          value={draft.measure}
          options={MEASURES.map((measure) => ({ value: measure, label: measure.replaceAll("_", " ") }))}
          onChange={(measure) => measure && change({ measure })}
        />
        {draft.measure === "score" ? (
          <TextField label="Name of the scores" value={draft.score} onChange={(score) => change({ score })} placeholder="helpful" />
        ) : null}
        <TextField label="Restricted to" value={draft.query} onChange={(query) => change({ query })} placeholder="app:chat env:prod" />
      </div>
      <ChoiceChips label="For each" options={GROUPS} chosen={draft.groupBy} onChange={(groupBy) => change({ groupBy })} />
    </>
  );
}

function When({ draft, change }: PartProps) {
  return (
    <div className={classes["form"]}>
      <SelectField
        label="Condition"
        value={draft.kind}
        options={KINDS}
        onChange={(kind) => isKind(kind) && change({ kind, condition: freshCondition(kind) })}
      />
      {CONDITIONS[draft.kind].fields.map((field) => {
        const shared = {
          label: fieldLabel(field, draft.measure),
          onChange: (typed: string | null) => change({ condition: { ...draft.condition, [field.name]: typed ?? "" } }),
          ...(field.placeholder ? { placeholder: field.placeholder } : {}),
        };
        const value = draft.condition[field.name] ?? "";
        return field.choices ? (
          <SelectField
            key={field.name}
            {...shared}
            value={value || (field.choices[0] ?? null)}
            options={field.choices.map((choice) => ({ value: choice, label: choice }))}
          />
        ) : (
          <TextField key={field.name} {...shared} value={value} />
        );
      })}
      {draft.kind === "budget" || draft.kind === "burn_rate" ? null : (
        <TextField label="Window" value={draft.window} onChange={(window) => change({ window })} placeholder="15m" />
      )}
      <TextField label="Only when it lasts" value={draft.fireAfter} onChange={(fireAfter) => change({ fireAfter })} placeholder="at once" />
      <SelectField label="When nothing arrives, it" value={draft.noData} options={NO_DATA} onChange={(noData) => noData && change({ noData })} />
    </div>
  );
}

function Whom({ draft, change }: PartProps) {
  const { data } = useQuery(channelsQuery());
  return (
    <>
      <ChoiceChips
        label="Tell"
        options={data?.channels.map((channel) => channel.key) ?? []}
        chosen={draft.channels}
        onChange={(channels) => change({ channels })}
        empty="There is no channel yet; the incident shows on this page only."
      />
      <div className={classes["form"]}>
        <TextField label="Remind every" value={draft.remindEvery} onChange={(remindEvery) => change({ remindEvery })} placeholder="never" />
        <TextField label="Runbook" value={draft.runbook} onChange={(runbook) => change({ runbook })} placeholder="Ask the app's owner." />
      </div>
    </>
  );
}
