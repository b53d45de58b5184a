import { type MouseEvent, useState } from "react";
import type { FailureAction, FailureDetail } from "@/api/schema";
import { Button } from "@/kit/Button";
import { CheckIcon, ChevronDownIcon } from "@/kit/icons";
import { Menu } from "@/kit/Menu";
import classes from "./Failures.module.css";
import { IssueDialog } from "./IssueDialog";
import type { Triage } from "./triage";
import { TriageMessage } from "./TriageMessage";

/** What can be decided, for those who do not use the keys. */
export function TriageButtons({ triage, detail }: { triage: Triage; detail: FailureDetail }) {
  const [reporting, setReporting] = useState(false);
  const { state } = detail.cluster;
  // By the second click of a double click the button may be the one that takes the first back.
  const decide = (action: FailureAction["action"]) => (event: MouseEvent) => {
    if (event.detail < 2) triage.decide({ action });
  };
  const isClosed = state === "resolved" || state === "ignored";
  return (
    <div className={classes["actions"]}>
      {isClosed ? (
        <Button look="primary" onClick={decide("reopen")}>
          Reopen
        </Button>
      ) : (
        <>
          <Button look="primary" icon={<CheckIcon size={14} />} onClick={decide("resolve")}>
            Resolve
          </Button>
          <Button onClick={decide("resolve_in_next_version")}>Resolve in next version</Button>
          <Button onClick={decide("ignore")}>Ignore</Button>
        </>
      )}
      <Button onClick={() => triage.ask("assign")}>Assign</Button>
      <Button onClick={() => triage.ask("merge")}>Merge</Button>
      <Button onClick={() => setReporting(true)}>Create issue</Button>
      <Menu
        target={<Button icon={<ChevronDownIcon size={14} />}>More</Button>}
        entries={[
          { label: "Ignore until it occurred more often", run: () => triage.ask("ignore") },
          { label: "Change the title", run: () => triage.ask("rename") },
          { label: "Set the severity", run: () => triage.ask("severity") },
          { label: "Take the last decision back", run: triage.undo },
        ]}
      />
      <TriageMessage triage={triage} />
      <IssueDialog open={reporting} onClose={() => setReporting(false)} urls={detail.issue_urls} />
    </div>
  );
}
