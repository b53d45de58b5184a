import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { saveChannel } from "@/api/alerts";
import type { AlertChannel } from "@/api/schema";
import { Button } from "@/kit/Button";
import { SelectField, TextField } from "@/kit/Fields";
import { focusFirstField } from "@/lib/focus";
import classes from "./Alerts.module.css";
import { CHANNEL_KINDS, channelSettings } from "./channelDraft";
import { keyProblem } from "./keys";

const KINDS = Object.entries(CHANNEL_KINDS).map(([value, { label }]) => ({ value, label }));

type FormProps = {
  /** Keys of the channels that there are. */
  taken: readonly string[];
  /** The channel whose settings are typed anew; a new one without it. */
  replaced?: AlertChannel | undefined;
  onDone: () => void;
};

/** Adds a channel, or gives one new settings. What is secret is never shown again. */
export function ChannelForm({ taken, replaced, onDone }: FormProps) {
  const [key, setKey] = useState(replaced?.key ?? "");
  const [keyError, setKeyError] = useState<string>();
  const [kind, setKind] = useState(replaced?.kind ?? "pagerduty");
  const [typed, setTyped] = useState<Record<string, string>>({});
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => saveChannel(key, kind, channelSettings(kind, typed), replaced?.etag),
    onSettled: () => queries.invalidateQueries({ queryKey: ["alerts", "channels"] }),
  });
  return (
    <form
      ref={focusFirstField}
      className={classes["panel"]}
      aria-label={replaced ? `New settings of ${key}` : "New channel"}
      onSubmit={(event) => {
        event.preventDefault();
        // What is saved under a key that there is replaces it, and its secrets are gone.
        const problem = replaced ? undefined : keyProblem(key, "channel", taken);
        setKeyError(problem);
        if (!problem) save.mutate(undefined, { onSuccess: onDone });
      }}
    >
      {replaced ? (
        <p className={classes["note"]}>
          New settings of <b>{key}</b> take the place of those that it has.
        </p>
      ) : null}
      <div className={classes["form"]}>
        {replaced ? null : (
          <TextField
            label="Key"
            value={key}
            onChange={(next) => {
              setKey(next);
              setKeyError(undefined);
            }}
            placeholder="on-call"
            error={keyError}
          />
        )}
        <SelectField
          label="Kind"
          value={kind}
          options={KINDS}
          onChange={(next) => {
            if (!next) return;
            setKind(next);
            setTyped({});
          }}
        />
        {CHANNEL_KINDS[kind]?.fields.map((field) => (
          <TextField
            key={field.name}
            label={field.isOptional ? `${field.label} (optional)` : field.label}
            type={field.isSecret ? "password" : "text"}
            value={typed[field.name] ?? ""}
            onChange={(value) => setTyped({ ...typed, [field.name]: value })}
            {...(field.placeholder ? { placeholder: field.placeholder } : {})}
          />
        ))}
      </div>
      <div className={classes["actions"]}>
        <Button type="submit" look="primary" busy={save.isPending}>
          Save
        </Button>
        <Button look="quiet" onClick={onDone}>
          Cancel
        </Button>
      </div>
      {save.error ? (
        <p className={classes["error"]} role="alert">
          {save.error.message}
        </p>
      ) : null}
    </form>
  );
}
