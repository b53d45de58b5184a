import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ComponentType, useRef, useState } from "react";
import { saveTeamPlan } from "@/api/costs";
import type { SharedCostModel, TeamModel, TeamPlanModel, TeamRuleModel } from "@/api/schema";
import { Button, IconButton } from "@/kit/Button";
import { SelectField, TextField } from "@/kit/Fields";
import { CloseIcon } from "@/kit/icons";
import { focusFirstField } from "@/lib/focus";
import classes from "./Costs.module.css";
import { Table } from "./Table";

const SPLITS = [
  { value: "even", label: "evenly" },
  { value: "by_spend", label: "by own cost" },
  { value: "by_calls", label: "by own calls" },
  { value: "fixed", label: "by fixed shares" },
] as const;

/** The plan of who pays, to read. */
export function PlanInWords({ plan }: { plan: TeamPlanModel }) {
  if (plan.teams.length === 0) return <p className={classes["note"]}>No teams yet: all spend is unassigned.</p>;
  const shared = plan.shared.map((cost) => ({ ...cost, team: `split ${SPLITS.find(({ value }) => value === cost.split)?.label}`, tag: "*" }));
  const rules = [...shared, ...plan.rules].map((rule, index) => ({ ...rule, index }));
  return (
    <Table
      label="Rules"
      columns={[
        { title: "App", cell: (rule) => rule.app },
        { title: "Environment", align: "left", cell: (rule) => rule.environment },
        { title: "Tag", align: "left", cell: (rule) => rule.tag },
        { title: "Paid by", align: "left", cell: (rule) => rule.team },
      ]}
      rows={rules}
      keyOf={(rule) => String(rule.index)}
    />
  );
}

/** The plan of who pays, to change; saved only if nobody else has changed it meanwhile. */
export function PlanForm({ plan, onDone }: { plan: TeamPlanModel; onDone: () => void }) {
  const [teams, setTeams] = useState<readonly Team[]>(plan.teams.map((team) => ({ ...team, id: team.name })));
  const [changes, setChanges] = useState(0);
  const [rules, setRules] = useState<readonly TeamRuleModel[]>(plan.rules);
  const [shared, setShared] = useState<readonly SharedCostModel[]>(plan.shared);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => saveTeamPlan({ ...named(teams, rules, shared), version: plan.version }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["teams"] });
      await queries.invalidateQueries({ queryKey: ["costs"] });
      onDone();
    },
    // What somebody else has saved meanwhile is there to be edited once this form is left.
    onError: () => queries.invalidateQueries({ queryKey: ["teams", "plan"] }),
  });
  const choices = teams.flatMap(({ id, name }) => (name === "" ? [] : [{ value: id, label: name }]));
  return (
    <form
      ref={focusFirstField}
      aria-label="Who pays"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Rows
        title="Teams"
        add="Add a team"
        rows={teams}
        empty={{ name: "", cost_centre: "", id: `(new ${changes})` }}
        onChange={(next) => {
          setTeams(next);
          setChanges(changes + 1);
        }}
        fields={TeamFields}
      />
      <Rows
        title="Rules"
        add="Add a rule"
        rows={rules}
        empty={{ app: "*", environment: "*", tag: "*", team: choices[0]?.value ?? "" }}
        onChange={setRules}
        choices={choices}
        fields={RuleFields}
      />
      <Rows
        title="Shared costs"
        add="Add a shared cost"
        rows={shared}
        empty={{ app: "", environment: "*", split: "even", shares: {} }}
        onChange={setShared}
        fields={SharedFields}
      />
      <p className={classes["note"]}>In patterns * stands for any text and ? for one character.</p>
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

/** A team in the form. Its rules name it by `id`, so that they stay with it when it is renamed. No name begins with (. */
type Team = TeamModel & { id: string };

/** What the form holds, with the teams by their names. */
function named(
  teams: readonly Team[],
  rules: readonly TeamRuleModel[],
  shared: readonly SharedCostModel[],
): Pick<TeamPlanModel, "teams" | "rules" | "shared"> {
  const names = new Map(teams.map(({ id, name }) => [id, name]));
  const nameOf = (team: string): string => names.get(team) ?? team;
  // Shares are typed by name: only one that no team has any more is that of a renamed one.
  const current = new Set(names.values());
  const shareOf = (team: string): string => (current.has(team) ? team : nameOf(team));
  return {
    teams: teams.map(({ name, cost_centre = "" }) => ({ name, cost_centre })),
    rules: rules.map((rule) => ({ ...rule, team: nameOf(rule.team) })),
    shared: shared.map(({ shares = {}, ...cost }) => ({
      ...cost,
      shares: Object.fromEntries(Object.entries(shares).map(([team, share]) => [shareOf(team), share])),
    })),
  };
}

/** A choice of a team. */
type Choice = { value: string; label: string };

/** One row of a list: what it holds, how it is changed, its place from 1, and the teams there are. */
type FieldProps<Row> = { row: Row; change: (row: Row) => void; number: number; choices: readonly Choice[] };

function TeamFields({ row, change, number }: FieldProps<Team>) {
  return (
    <>
      <TextField label={`Team ${number}`} value={row.name} onChange={(name) => change({ ...row, name })} />
      <TextField
        label={`Cost centre ${number}`}
        value={row.cost_centre ?? ""}
        onChange={(cost_centre) => change({ ...row, cost_centre })}
      />
    </>
  );
}

function RuleFields({ row, change, number, choices }: FieldProps<TeamRuleModel>) {
  return (
    <>
      <TextField label={`App of rule ${number}`} value={row.app ?? "*"} onChange={(app) => change({ ...row, app })} />
      <TextField
        label={`Environment of rule ${number}`}
        value={row.environment ?? "*"}
        onChange={(environment) => change({ ...row, environment })}
      />
      <TextField label={`Tag of rule ${number}`} value={row.tag ?? "*"} onChange={(tag) => change({ ...row, tag })} />
      <SelectField
        label={`Team of rule ${number}`}
        value={row.team}
        options={choices}
        onChange={(team) => change({ ...row, team: team ?? "" })}
      />
    </>
  );
}

function SharedFields({ row: cost, change, number }: FieldProps<SharedCostModel>) {
  const [shares, setShares] = useState(sharesText(cost.shares ?? {}));
  return (
    <>
      <TextField label={`App of shared cost ${number}`} value={cost.app ?? "*"} onChange={(app) => change({ ...cost, app })} />
      <TextField
        label={`Environment of shared cost ${number}`}
        value={cost.environment ?? "*"}
        onChange={(environment) => change({ ...cost, environment })}
      />
      <SelectField
        label={`Split of shared cost ${number}`}
        value={cost.split}
        options={SPLITS}
        onChange={(next) => {
          const split = SPLITS.find(({ value }) => value === next);
          if (split) change({ ...cost, split: split.value });
        }}
      />
      {cost.split === "fixed" ? (
        <TextField
          label={`Shares of shared cost ${number}`}
          placeholder="support=2, data=1"
          value={shares}
          onChange={(text) => {
            setShares(text);
            change({ ...cost, shares: parseShares(text) });
          }}
        />
      ) : null}
    </>
  );
}

type RowsProps<Row> = {
  title: string;
  add: string;
  rows: readonly Row[];
  empty: Row;
  onChange: (rows: readonly Row[]) => void;
  choices?: readonly Choice[];
  fields: ComponentType<FieldProps<Row>>;
};

function Rows<Row>({ title, add, rows, empty, onChange, choices, fields: Fields }: RowsProps<Row>) {
  // A row keeps what is typed in it when one before it goes.
  const [keys, setKeys] = useState(() => rows.map((_, index) => index));
  const [added, setAdded] = useState<number>();
  const addButton = useRef<HTMLButtonElement>(null);
  const append = (): void => {
    const key = Math.max(-1, ...keys) + 1;
    setKeys([...keys, key]);
    setAdded(key);
    onChange([...rows, empty]);
  };
  const remove = (index: number): void => {
    setKeys(keys.toSpliced(index, 1));
    onChange(rows.toSpliced(index, 1));
    addButton.current?.focus();
  };
  return (
    <fieldset className={classes["rows"]}>
      <legend>{title}</legend>
      {rows.map((row, index) => (
        <div key={keys[index]} ref={keys[index] === added ? focusFirstField : null} className={classes["row"]}>
          <Fields
            row={row}
            change={(changed) => onChange(rows.with(index, changed))}
            number={index + 1}
            choices={choices ?? []}
          />
          <IconButton label={`Remove ${index + 1} of ${title}`} onClick={() => remove(index)}>
            <CloseIcon size={14} />
          </IconButton>
        </div>
      ))}
      <Button ref={addButton} onClick={append}>
        {add}
      </Button>
    </fieldset>
  );
}

function sharesText(shares: Record<string, string>): string {
  return Object.entries(shares)
    .map(([team, share]) => `${team}=${share}`)
    .join(", ");
}

function parseShares(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(",")
      .map((part) => part.split("="))
      .flatMap(([team, share]) => (team?.trim() ? [[team.trim(), (share ?? "").trim()]] : [])),
  );
}
