import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usedModelsQuery, whatIfQuery } from "@/api/costs";
import type { ModelSimulationModel, PriceSimulation } from "@/api/schema";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/Fields";
import { formatCount, formatInteger, formatUsd } from "@/lib/format";
import classes from "./Costs.module.css";
import { atLeast, formatChange, formatShare, noteOf } from "./money";
import { Answer, Panel } from "./Panel";
import { type CostSearch, without } from "./search";
import { type Column, Table } from "./Table";

type WhatIfProps = { search: CostSearch; onChange: (search: CostSearch) => void };

/** What the same tokens would have cost with other models' prices. */
export function WhatIfPanel({ search, onChange }: WhatIfProps) {
  const candidates = candidatesOf(search.candidates ?? "");
  const simulation = useQuery(
    whatIfQuery(search, {
      candidates,
      ...(search.maxInput ? { maxInput: search.maxInput } : {}),
      ...(search.maxOutput ? { maxOutput: search.maxOutput } : {}),
    }),
  );
  return (
    <Panel
      title="What if"
      note={noteOf(
        "A price simulation: the same tokens at other prices. Another model counts tokens differently and answers differently; nothing here speaks of quality.",
        simulation.data?.sampled,
      )}
    >
      <Suggestions search={search} candidates={candidates} onChange={onChange} />
      <WhatIfForm key={`${search.candidates} ${search.maxInput} ${search.maxOutput}`} search={search} onChange={onChange} />
      {candidates.length === 0 ? (
        <p className={classes["note"]}>Name a model as provider/model, for example openai/gpt-4o-mini.</p>
      ) : (
        <Answer query={simulation} label="Pricing anew">
          {(data) => <SimulationTable simulation={data} />}
        </Answer>
      )}
    </Panel>
  );
}

const SHORT_TASK = { maxInput: 1000, maxOutput: 200 };

type SuggestionProps = WhatIfProps & { candidates: readonly string[] };

/** The models in use as candidates, and the calls that may not need a large one. */
function Suggestions({ search, candidates, onChange }: SuggestionProps) {
  const used = useQuery(usedModelsQuery(search));
  const isShort = search.maxInput === SHORT_TASK.maxInput && search.maxOutput === SHORT_TASK.maxOutput;
  const toggle = (model: string): void => {
    const next = candidates.includes(model) ? candidates.filter((each) => each !== model) : [...candidates, model];
    onChange(next.length > 0 ? { ...search, candidates: next.join(", ") } : without(search, "candidates"));
  };
  return (
    <ul className={classes["chips"]} aria-label="Suggestions">
      <li>
        <Button
          aria-pressed={isShort}
          onClick={() => onChange(isShort ? without(search, "maxInput", "maxOutput") : { ...search, ...SHORT_TASK })}
        >
          Only short tasks
        </Button>
      </li>
      {(used.data ?? []).map((model) => (
        <li key={model}>
          <Button aria-pressed={candidates.includes(model)} onClick={() => toggle(model)}>
            {model}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function WhatIfForm({ search, onChange }: WhatIfProps) {
  const [candidates, setCandidates] = useState(search.candidates ?? "");
  const [maxInput, setMaxInput] = useState(String(search.maxInput ?? ""));
  const [maxOutput, setMaxOutput] = useState(String(search.maxOutput ?? ""));
  return (
    <form
      className={classes["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        onChange({
          ...without(search, "candidates", "maxInput", "maxOutput"),
          ...(candidates.trim() ? { candidates: candidates.trim() } : {}),
          ...atMost("maxInput", maxInput),
          ...atMost("maxOutput", maxOutput),
        });
      }}
    >
      <TextField label="Models, separated by commas" value={candidates} onChange={setCandidates} placeholder="openai/gpt-4o-mini" />
      <TextField label="Only calls of at most … tokens in" value={maxInput} onChange={setMaxInput} placeholder="any" />
      <TextField label="and … tokens out" value={maxOutput} onChange={setMaxOutput} placeholder="any" />
      <Button type="submit" look="primary">
        Simulate
      </Button>
    </form>
  );
}

function atMost(name: "maxInput" | "maxOutput", text: string): { maxInput?: number; maxOutput?: number } {
  const value = Number(text);
  return value >= 1 ? { [name]: value } : {};
}

/** Models as they were used beside what other prices would have meant. */
export function SimulationTable({ simulation }: { simulation: PriceSimulation }) {
  if (simulation.models.length === 0) return <p className={classes["note"]}>No call of that kind in this period.</p>;
  const columns: Column<ModelSimulationModel>[] = [
    { title: "Model", cell: (row) => [row.provider, row.model].filter(Boolean).join(" · ") || "(none)" },
    { title: "Calls", cell: (row) => formatInteger(row.calls) },
    { title: "Tokens in", cell: (row) => formatCount(row.input_tokens) },
    { title: "Tokens out", cell: (row) => formatCount(row.output_tokens) },
    {
      title: "Cost",
      cell: (row) => atLeast(row.usd, row.unpriced_calls),
      exact: (row) => row.usd,
    },
    ...simulation.candidates.flatMap((candidate, index): Column<ModelSimulationModel>[] => [
      {
        title: candidate === "batch" ? "at batch prices" : candidate,
        cell: (row) => simulated(row, index),
        exact: (row) => row.simulations[index]?.usd ?? row.simulations[index]?.reason,
      },
      {
        title: "Difference",
        cell: (row) => {
          const change = row.simulations[index]?.change_usd ?? null;
          const share = formatShare(change, row.usd);
          return share ? `${formatChange(change)} (${share})` : formatChange(change);
        },
        exact: (row) => row.simulations[index]?.change_usd,
      },
    ]),
  ];
  return (
    <>
      <Table
        label="Price simulation"
        columns={columns}
        rows={simulation.models}
        keyOf={(row) => JSON.stringify([row.provider, row.model])}
      />
      {simulation.candidates.map((candidate, index) => (
        <p key={`${index} ${candidate}`}>
          At {candidate} prices all that can be compared would have changed by{" "}
          <strong title={simulation.change_usd[index] ?? ""}>{formatChange(simulation.change_usd[index] ?? null)}</strong>.
        </p>
      ))}
    </>
  );
}

function simulated(row: ModelSimulationModel, index: number): string {
  const usd = row.simulations[index]?.usd ?? null;
  return usd === null ? "price not known" : formatUsd(usd);
}

function candidatesOf(text: string): string[] {
  return text
    .split(",")
    .map((candidate) => candidate.trim())
    .filter((candidate) => candidate !== "")
    .slice(0, 5);
}
