import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { importInvoice } from "@/api/costs";
import type { InvoiceImportModel, InvoiceWrite } from "@/api/schema";
import { Button } from "@/kit/Button";
import { SelectField, TextField } from "@/kit/Fields";
import classes from "./Costs.module.css";

const FORMATS: readonly { value: InvoiceWrite["format"]; label: string }[] = [
  { value: "openai-csv", label: "OpenAI, CSV" },
  { value: "openai-json", label: "OpenAI, JSON of the API" },
  { value: "anthropic-csv", label: "Anthropic, CSV" },
  { value: "anthropic-json", label: "Anthropic, JSON of the API" },
  { value: "csv", label: "Any CSV" },
];

/** Imports an export of a provider; the same days again take the place of those before. */
export function ImportForm({ onImported }: { onImported: (entry: InvoiceImportModel) => void }) {
  const [format, setFormat] = useState<InvoiceWrite["format"]>("openai-csv");
  const [provider, setProvider] = useState("");
  const [columns, setColumns] = useState("day=Date, model=Model, usd=Cost");
  const [file, setFile] = useState<File | null>(null);
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: async () =>
      importInvoice({
        format,
        content: (await file?.text()) ?? "",
        file: file?.name ?? "",
        provider,
        mapping: format === "csv" ? parseColumns(columns) : {},
      }),
    onSuccess: async (entry) => {
      await queries.invalidateQueries({ queryKey: ["reconciliation"] });
      onImported(entry);
    },
  });
  return (
    <form
      className={classes["form"]}
      aria-label="Import"
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <SelectField
        label="Format"
        value={format}
        options={FORMATS}
        onChange={(next) => {
          const known = FORMATS.find(({ value }) => value === next);
          if (known) setFormat(known.value);
        }}
      />
      {format === "csv" ? (
        <>
          <TextField label="Provider, as spans name it" value={provider} onChange={setProvider} placeholder="mistral_ai" />
          <TextField label="Which column is what" value={columns} onChange={setColumns} />
        </>
      ) : null}
      <label className={classes["file"]}>
        <span>File</span>
        <input
          type="file"
          accept=".csv,.json,.tsv,text/csv,application/json"
          onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
        />
      </label>
      <Button type="submit" look="primary" busy={send.isPending} disabled={file === null}>
        Import the file
      </Button>
      {send.error ? (
        <p className={classes["error"]} role="alert">
          {send.error.message}
        </p>
      ) : null}
    </form>
  );
}

function parseColumns(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(",")
      .map((part) => part.split("="))
      .flatMap(([name, column]) => (name?.trim() && column?.trim() ? [[name.trim(), column.trim()]] : [])),
  );
}
