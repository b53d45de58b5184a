import { Button } from "@/kit/Button";
import classes from "./Failures.module.css";
import type { Triage } from "./triage";

/** What was done last, with the way back. */
export function TriageMessage({ triage }: { triage: Triage }) {
  return (
    <span className={classes["message"]}>
      <span role="status" data-failed={triage.failed}>
        {triage.message}
      </span>
      {triage.message && !triage.failed && triage.message !== "Taken back" ? (
        <Button look="quiet" onClick={triage.undo}>
          Undo (u)
        </Button>
      ) : null}
    </span>
  );
}
