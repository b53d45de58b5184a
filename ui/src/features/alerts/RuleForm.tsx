import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { previewRule, saveRule } from "@/api/alerts";
import { Button } from "@/kit/Button";
import { SelectField, TextField } from "@/kit/Fields";
import classes from "./Alerts.module.css";
import { PreviewResult } from "./PreviewResult";
import { draftDocument, emptyDraft, MEASURES, type RuleDraft } from "./ruleDraft";

/** Makes a threshold or a monthly budget; other conditions come from a file of rules. */
export function RuleForm({ onSaved }: { onSaved: () => void }) {
  const [draft, setDraft] = useState<RuleDraft>(emptyDraft());
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => saveRule(draft.key, draftDocument(draft)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["alerts", "rules"] });
      onSaved();
    },
  });
  const preview = useMutation({ mutationFn: () => previewRule(draftDocument(draft)) });
  const failure = save.error ?? preview.error;
  const text = (name: Exclude<keyof RuleDraft, "kind">, label: string, placeholder?: string) => (
    <TextField
      label={label}
      value={draft[name]}
      onChange={(value) => setDraft({ ...draft, [name]: value })}
      {...(placeholder ? { placeholder } : {})}
    />
  );
  return (
    <form
      className={classes["panel"]}
      aria-label="New rule"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <div className={classes["form"]}>
        {text("key", "Key", "chat-spend")}
        {text("name", "Name", "Chat spends too fast")}
        <SelectField
          label="Condition"
          value={draft.kind}
          options={[
            { value: "threshold", label: "Threshold" },
            { value: "budget", label: "Monthly budget" },
          ]}
          onChange={(kind) => setDraft({ ...draft, kind: kind === "budget" ? "budget" : "threshold" })}
        />
        <SelectField
          label="Measure"
          value={draft.measure}
          options={MEASURES.map((measure) => ({ value: measure, label: measure.replaceAll("_", " ") }))}
          onChange={(measure) => measure && setDraft({ ...draft, measure })}
        />
        {text("query", "Restricted to", "app:chat env:prod")}
        {text("groupBy", "For each", "app, model")}
        {draft.kind === "budget" ? text("amount", "Amount a month", "500") : null}
        {draft.kind === "threshold" ? text("window", "Window", "15m") : null}
        {draft.kind === "threshold" ? text("warn", "Warn at") : null}
        {draft.kind === "threshold" ? text("alert", "Alert at") : null}
        {text("channels", "Tell channels", "on-call")}
      </div>
      <div className={classes["actions"]}>
        <Button type="submit" look="primary" busy={save.isPending}>
          Save
        </Button>
        <Button busy={preview.isPending} onClick={() => preview.mutate()}>
          Preview on history
        </Button>
      </div>
      {preview.data ? <PreviewResult preview={preview.data} /> : null}
      {failure ? (
        <p className={classes["error"]} role="alert">
          {failure.message}
        </p>
      ) : null}
    </form>
  );
}
