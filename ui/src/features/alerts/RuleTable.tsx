import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteRule, rulesQuery } from "@/api/alerts";
import { Button } from "@/kit/Button";
import { ErrorState, LoadingRows } from "@/kit/States";
import classes from "./Alerts.module.css";
import { RuleForm } from "./RuleForm";

/** All rules, and a form for a new one. */
export function RuleTable() {
  const { data, error, refetch } = useQuery(rulesQuery());
  const [adding, setAdding] = useState(false);
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <LoadingRows label="Loading rules" />;
  return (
    <>
      <div className={classes["actions"]}>
        <Button look="primary" onClick={() => setAdding(!adding)}>
          {adding ? "Close" : "New rule"}
        </Button>
      </div>
      {adding ? <RuleForm onSaved={() => setAdding(false)} /> : null}
      {data.rules.length > 0 ? (
        <div className={classes["panel"]}>
          <table className={classes["table"]}>
            <tbody>
              {data.rules.map((rule) => (
                <RuleRow key={String(rule["key"])} rule={rule} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </>
  );
}

function RuleRow({ rule }: { rule: Record<string, unknown> }) {
  const queries = useQueryClient();
  const key = String(rule["key"]);
  const remove = useMutation({
    mutationFn: () => deleteRule(key),
    onSettled: () => queries.invalidateQueries({ queryKey: ["alerts"] }),
  });
  const groups = Array.isArray(rule["group_by"]) ? rule["group_by"].join(", ") : "";
  return (
    <tr>
      <th scope="row">{String(rule["name"])}</th>
      <td>{String(rule["measure"]).replaceAll("_", " ")}</td>
      <td>{groups ? `for each ${groups}` : ""}</td>
      <td>{String(rule["query"])}</td>
      <td>
        <code>{JSON.stringify(rule["condition"])}</code>
      </td>
      <td>
        <Button look="quiet" busy={remove.isPending} onClick={() => remove.mutate()}>
          Delete
        </Button>
      </td>
    </tr>
  );
}
