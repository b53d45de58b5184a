import { useMutation, useQueryClient } from "@tanstack/react-query";
import { undoDecision } from "@/api/failures";
import type { FailureDecision } from "@/api/schema";
import { Button } from "@/kit/Button";
import { Timestamp } from "@/kit/Figures";
import classes from "./Failures.module.css";

/** Who decided what, and the way back. */
export function AuditTrail({ decisions }: { decisions: readonly FailureDecision[] }) {
  const queries = useQueryClient();
  const undo = useMutation({
    mutationFn: undoDecision,
    onSettled: () => queries.invalidateQueries({ queryKey: ["failures"] }),
  });
  if (decisions.length === 0) return null;
  return (
    <section className={classes["panel"]} aria-label="Decisions">
      <h2>Decisions</h2>
      <table className={classes["table"]}>
        <tbody>
          {decisions.map((decision) => (
            <tr key={decision.id} data-undone={decision.undone}>
              <td>
                <Timestamp time={decision.at} shape="list" />
              </td>
              <td>{decision.actor}</td>
              <td>{decision.action.replaceAll("_", " ")}</td>
              <td>{decision.note}</td>
              <td>
                {decision.undone ? (
                  <span className={classes["dim"]}>taken back</span>
                ) : decision.action === "undo" ? null : (
                  <Button look="quiet" onClick={() => undo.mutate(decision.id)}>
                    Undo
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {undo.error ? (
        <p role="alert" className={classes["error"]}>
          {undo.error.message}
        </p>
      ) : null}
    </section>
  );
}
