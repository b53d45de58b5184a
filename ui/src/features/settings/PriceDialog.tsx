import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changePrice, createPrice } from "@/api/prices";
import type { OwnPrice, OwnPriceBody } from "@/api/schema";
import { Dialog } from "@/kit/Dialog";
import { TextField } from "@/kit/Fields";
import { DialogForm } from "./DialogForm";
import {
  MAX_MODEL_PATTERN,
  MAX_PRICE_NAME,
  PRICE_CLASSES,
  type PriceClass,
  type PriceDraft,
  type PriceProblems,
  priceDraft,
  priceOf,
} from "./priceDraft";
import classes from "./Settings.module.css";

type DialogProps = { price?: OwnPrice; onClose: () => void };

/** Makes a price, or changes the one that is given. */
export function PriceDialog({ price, onClose }: DialogProps) {
  const title = price ? `Price ${price.name}` : "New price";
  const [draft, setDraft] = useState(() => priceDraft(price));
  const [problems, setProblems] = useState<PriceProblems>({});
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (body: OwnPriceBody) =>
      price ? changePrice(price, body) : createPrice({ ...body, name: draft.name.trim() }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["prices"] }),
  });
  const set = (changes: Partial<PriceDraft>, ...fields: string[]): void => {
    setDraft({ ...draft, ...changes });
    setProblems(Object.fromEntries(Object.entries(problems).filter(([field]) => !fields.includes(field))));
  };
  const submit = (): void => {
    const { body, problems: found } = priceOf(draft);
    const all = price || draft.name.trim() ? found : { name: "A name, such as contract-2026", ...found };
    setProblems(all);
    if (Object.keys(all).length === 0) save.mutate(body, { onSuccess: onClose });
  };
  return (
    <Dialog open onClose={onClose} title={title} size="lg">
      <DialogForm
        label={title}
        action={price ? "Save" : "Create"}
        busy={save.isPending}
        failure={save.error}
        onCancel={onClose}
        onSubmit={submit}
      >
        <div className={classes["limits"]}>
          {price ? null : (
            <TextField
              label="Name"
              value={draft.name}
              onChange={(name) => set({ name }, "name")}
              placeholder="contract-2026"
              maxLength={MAX_PRICE_NAME}
              error={problems["name"]}
              focusFirst
            />
          )}
          <TextField
            label="Model"
            value={draft.model}
            onChange={(model) => set({ model }, "model")}
            placeholder="gpt-4o*"
            note="* is any text"
            maxLength={MAX_MODEL_PATTERN}
            error={problems["model"]}
            focusFirst={price !== undefined}
          />
          <TextField
            label="Provider (optional)"
            value={draft.provider}
            onChange={(provider) => set({ provider })}
            placeholder="any"
            note="As spans name it: openai, azure.ai.openai"
            maxLength={MAX_PRICE_NAME}
          />
          <TextField
            label="Service tier (optional)"
            value={draft.tier}
            onChange={(tier) => set({ tier })}
            placeholder="the usual one"
            note="Such as batch: for calls of that tier alone"
            maxLength={MAX_PRICE_NAME}
          />
          <TextField label="From (UTC)" type="datetime-local" value={draft.start} onChange={(start) => set({ start }, "end")} />
          <TextField
            label="Until (UTC)"
            type="datetime-local"
            value={draft.end}
            onChange={(end) => set({ end }, "end")}
            error={problems["end"]}
          />
        </div>
        <Amounts
          legend="USD for a million tokens"
          amounts={draft.usual}
          placeholder={({ without }) => (without ? `as ${labelOf(without)}` : "")}
          problems={problems}
          part="usual"
          onChange={(name, text) => set({ usual: { ...draft.usual, [name]: text } }, `usual.${name}`)}
        />
        <TextField
          label="Long calls: more input tokens than (optional)"
          value={draft.above}
          onChange={(above) => set({ above }, "above", "long.input")}
          placeholder="200000"
          note="Such a call costs the prices below, for all of its tokens"
          error={problems["above"]}
        />
        <Amounts
          legend="USD for a million tokens of long calls"
          amounts={draft.long}
          placeholder={() => "as in other calls"}
          problems={problems}
          part="long"
          onChange={(name, text) => set({ long: { ...draft.long, [name]: text } }, `long.${name}`, "long.input", "above")}
        />
      </DialogForm>
    </Dialog>
  );
}

type AmountsProps = {
  legend: string;
  part: "usual" | "long";
  amounts: PriceDraft["usual"];
  placeholder: (entry: (typeof PRICE_CLASSES)[number]) => string;
  problems: PriceProblems;
  onChange: (name: PriceClass, text: string) => void;
};

/** A field for each class of tokens. */
function Amounts({ legend, part, amounts, placeholder, problems, onChange }: AmountsProps) {
  return (
    <fieldset className={classes["roles"]}>
      <legend>{legend}</legend>
      <div className={classes["amounts"]}>
        {PRICE_CLASSES.map((entry) => (
          <TextField
            key={entry.name}
            label={entry.label}
            value={amounts[entry.name]}
            onChange={(text) => onChange(entry.name, text)}
            placeholder={placeholder(entry)}
            error={problems[`${part}.${entry.name}`]}
          />
        ))}
      </div>
    </fieldset>
  );
}

function labelOf(wanted: PriceClass): string {
  return (PRICE_CLASSES.find(({ name }) => name === wanted)?.label ?? wanted).toLowerCase();
}
