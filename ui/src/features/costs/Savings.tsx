import { useQuery } from "@tanstack/react-query";
import { costSavingsQuery, possibleSavingsQuery } from "@/api/costs";
import { Segmented } from "@/kit/Segmented";
import { ABSENT, formatUsd, plural } from "@/lib/format";
import classes from "./Costs.module.css";
import { CostSavings } from "./CostSavings";
import { Figure } from "./Figure";
import { formatChange, noteOf } from "./money";
import { CacheablePrompts, NearDuplicates, RepeatedRequests } from "./PossibleSavings";
import { Answer, Panel } from "./Panel";
import { type CostSearch, without } from "./search";
import { SimulationTable } from "./WhatIf";

const LIKENESS = [0.8, 0.9, 0.95] as const;
const DEFAULT_LIKENESS = 0.9;

type SavingsProps = { search: CostSearch; onChange: (search: CostSearch) => void };

/** What caches spared, what came to nothing, and what could have been saved. */
export function Savings({ search, onChange }: SavingsProps) {
  const likeness = search.likeness ?? DEFAULT_LIKENESS;
  const seen = useQuery(costSavingsQuery(search));
  const possible = useQuery(possibleSavingsQuery(search, likeness));
  const choose = (value: number): void =>
    onChange(value === DEFAULT_LIKENESS ? without(search, "likeness") : { ...search, likeness: value });
  return (
    <>
      <Panel title="Savings and waste" note={noteOf("What caches spared, and what was spent on calls that failed, were retried, or were left.", seen.data?.sampled)}>
        <Answer query={seen} label="Loading savings">
          {(data) => <CostSavings savings={data} />}
        </Answer>
      </Panel>
      <Answer query={possible} label="Looking for possible savings">
        {(data) => (
          <>
            <div className={classes["figures"]}>
              <Figure label="Identical requests cost" value={formatUsd(data.repeated.usd)} exact={data.repeated.usd}>
                {plural(data.repeated.repeated_calls, "call")} too many
              </Figure>
              <Figure label="Near duplicates cost" value={formatUsd(data.similar.usd)} exact={data.similar.usd}>
                in {plural(data.similar.groups.length, "group")}
              </Figure>
              <Figure
                label="Prompt caching could spare about"
                value={data.cacheable.usd === null ? ABSENT : formatUsd(data.cacheable.usd)}
                exact={data.cacheable.usd}
              >
                on {plural(data.cacheable.prompts.length, "prompt")}
              </Figure>
              <Figure
                label="The batch tier would change"
                value={formatChange(data.batch.change_usd[0] ?? null)}
                exact={data.batch.change_usd[0] ?? null}
              >
                of calls that nobody waits for
              </Figure>
            </div>
            <p className={classes["note"]}>These overlap: one call may be in several of them.</p>
            <Panel
              title="Identical requests"
              note="Sent again to the letter, by the fingerprints that spans of Sightline’s SDK have. The amount is what all calls but the first of each cost."
            >
              <RepeatedRequests repeated={data.repeated} />
            </Panel>
            <Panel
              title="Near duplicates"
              note="Questions of the same prompt that are worded alike. Whether the same answer would have been right is not known."
              actions={
                <Segmented
                  label="Likeness"
                  value={String(likeness)}
                  options={[...new Set([...LIKENESS, likeness])].map((value) => ({
                    value: String(value),
                    label: `${Math.round(value * 100)}%`,
                  }))}
                  onChange={(value) => choose(Number(value))}
                />
              }
            >
              <NearDuplicates similar={data.similar} />
            </Panel>
            <Panel
              title="Prompts that a provider could cache"
              note={`Prompts whose calls share a beginning of at least ${data.cacheable.least_tokens} tokens, measured on samples of the stored texts.`}
            >
              <CacheablePrompts cacheable={data.cacheable} search={search} />
            </Panel>
            <Panel
              title="Batch tier"
              note="Price simulation of successful calls that nobody seems to wait for: not streamed, of no session and no user."
            >
              <SimulationTable simulation={data.batch} />
            </Panel>
          </>
        )}
      </Answer>
    </>
  );
}
