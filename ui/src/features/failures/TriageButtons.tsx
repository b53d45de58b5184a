import { useState } from "react";
import type { FailureDetail } from "@/api/schema";
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
  const isClosed = state === "resolved" || state === "ignored";
  return (
    <div className={classes["actions"]}>
      {isClosed ? (
        <Button look="primary" onClick={() => triage.decide({ action: "reopen" })}>
          Reopen
        </Button>
      ) : (
        <>
          <Button look="primary" icon={<CheckIcon size={14} />} onClick={() => triage.decide({ action: "resolve" })}>
            Resolve
          </Button>
          <Button onClick={() => triage.decide({ action: "resolve_in_next_version" })}>Resolve in next version</Button>
          <Button onClick={() => triage.decide({ action: "ignore" })}>Ignore</Button>
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
