import { useState } from "react";
import type { FailureMember } from "@/api/schema";
import { Button } from "@/kit/Button";
import { plural } from "@/lib/format";
import classes from "./Failures.module.css";
import type { Triage } from "./triage";

/** The messages that count as this cause; some of them can be split off. */
export function Members({ members, triage }: { members: readonly FailureMember[]; triage: Triage }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const picked = members.map(({ fingerprint }) => fingerprint).filter((fingerprint) => chosen.has(fingerprint));
  const toggle = (fingerprint: string): void =>
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(fingerprint)) next.add(fingerprint);
      return next;
    });
  const split = (): void => {
    setChosen(new Set());
    triage.decide({ action: "split", fingerprints: picked });
  };
  return (
    <section className={classes["panel"]} aria-label="Messages">
      <h2>{plural(members.length, "message")} with this cause</h2>
      <ul className={classes["members"]}>
        {members.map((member) => (
          <li key={member.fingerprint}>
            <label>
              {members.length > 1 ? (
                <input
                  type="checkbox"
                  checked={chosen.has(member.fingerprint)}
                  onChange={() => toggle(member.fingerprint)}
                />
              ) : null}
              <code title={member.message}>{member.template}</code>
            </label>
          </li>
        ))}
      </ul>
      {picked.length > 0 ? (
        <Button onClick={split} disabled={picked.length === members.length}>
          {picked.length === members.length
            ? "At least one message has to stay"
            : `Split off ${plural(picked.length, "message")}`}
        </Button>
      ) : null}
    </section>
  );
}
