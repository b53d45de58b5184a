import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { MouseEvent } from "react";
import { deleteRule, rulesQuery } from "@/api/alerts";
import { Button } from "@/kit/Button";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { AlertsIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import classes from "./Alerts.module.css";
import { conditionText } from "./conditionText";
import { RuleForm } from "./RuleForm";
import { draftOf, emptyDraft, type RuleDraft } from "./ruleDraft";
import { useOpenedForm } from "./useOpenedForm";

/** All rules, and a form for a new one or to change one. */
export function RuleTable() {
  const list = useQuery(rulesQuery());
  const { data, error, refetch } = list;
  const { opened: editing, open, close } = useOpenedForm<{ draft: RuleDraft; etag: string | undefined }>();
  // A list that could not be read again must not take away what is being typed.
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <LoadingRows label="Loading rules" />;
  const edit = (event: MouseEvent<HTMLElement>, draft: RuleDraft): void =>
    open(event, { draft, etag: data.etags[draft.key] });
  const taken = data.rules.map((rule) => String(rule["key"]));
  return (
    <>
      <ListFailure list={list} />
      <div className={classes["actions"]}>
        <Button look="primary" onClick={(event) => edit(event, emptyDraft())}>
          New rule
        </Button>
      </div>
      {/* Keyed, or the form would keep what was typed for another rule. */}
      {editing ? (
        <RuleForm
          key={editing.draft.key}
          start={editing.draft}
          etag={editing.etag}
          taken={taken}
          onSaved={close}
          onClose={close}
        />
      ) : null}
      {data.rules.length === 0 && !editing ? (
        <EmptyState icon={<AlertsIcon size={22} aria-hidden />} title="No rules">
          A rule watches a measure, for each app or user, and tells on-call when it crosses a line.
        </EmptyState>
      ) : null}
      {data.rules.length > 0 ? (
        <div className={classes["panel"]}>
          <table className={classes["table"]}>
            <thead>
              <tr>
                {["Rule", "Measure", "For each", "Restricted to", "Condition", "Tells", ""].map((title) => (
                  <th key={title} scope="col">
                    {title || <span className="visually-hidden">Actions</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.rules.map(draftOf).map((draft) => (
                <RuleRow key={draft.key} draft={draft} onEdit={(event) => edit(event, draft)} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </>
  );
}

function RuleRow({ draft, onEdit }: { draft: RuleDraft; onEdit: (event: MouseEvent<HTMLElement>) => void }) {
  const queries = useQueryClient();
  const remove = async (): Promise<void> => {
    await deleteRule(draft.key);
    await queries.invalidateQueries({ queryKey: ["alerts"] });
  };
  return (
    <tr>
      <th scope="row">{draft.name}</th>
      <td data-label="Measure">{(draft.measure === "score" ? `score ${draft.score}` : draft.measure).replaceAll("_", " ")}</td>
      <td data-label="For each">{draft.groupBy.join(", ").replaceAll("_", " ")}</td>
      <td data-label="Restricted to">{draft.query ? <code>{draft.query}</code> : null}</td>
      <td data-label="Condition">{conditionText(draft)}</td>
      <td data-label="Tells">{draft.channels.join(", ")}</td>
      <td className={classes["rowActions"]}>
        <Button look="quiet" onClick={onEdit}>
          Edit
        </Button>
        <ConfirmButton
          title={`Delete the rule “${draft.name}”?`}
          consequence="Its open incidents are closed, and nobody is told any more. This cannot be undone."
          onConfirm={remove}
        >
          Delete
        </ConfirmButton>
      </td>
    </tr>
  );
}
