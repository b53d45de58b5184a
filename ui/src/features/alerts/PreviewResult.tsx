import type { RulePreview } from "@/api/schema";
import { Timestamp } from "@/kit/Figures";
import { plural } from "@/lib/format";
import classes from "./Alerts.module.css";

/** When a rule would have fired, and how many messages that would have been. */
export function PreviewResult({ preview }: { preview: RulePreview }) {
  const noisy = preview.groups.filter((group) => group.incidents.length > 0);
  const messages = noisy.reduce((sum, group) => sum + group.messages, 0);
  return (
    <section aria-label="Preview">
      <p className={classes["note"]}>
        Since <Timestamp time={preview.start} shape="date" />: {plural(messages, "message")} about{" "}
        {noisy.length} of {plural(preview.groups.length, "group")}.
      </p>
      <table className={classes["table"]}>
        <tbody>
          {noisy.flatMap((group) =>
            group.incidents.map((incident) => (
              <tr key={`${group.group.join()} ${incident.opened_at}`}>
                <td>{group.group.join(", ") || "everything"}</td>
                <td className={classes[incident.level]}>{incident.level}</td>
                <td>
                  {incident.value}
                  {incident.threshold ? ` of ${incident.threshold}` : ""}
                </td>
                <td>
                  <Timestamp time={incident.opened_at} shape="list" />
                </td>
                <td>{incident.resolved_at ? <Timestamp time={incident.resolved_at} shape="list" /> : "still open"}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </section>
  );
}
