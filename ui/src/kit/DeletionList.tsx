import { useQuery } from "@tanstack/react-query";
import { deletionsQuery } from "@/api/deletions";
import type { DeletionModel } from "@/api/schema";
import { formatInteger } from "@/lib/format";
import classes from "./Deletions.module.css";
import { Timestamp } from "./Figures";
import { MoreNote } from "./MoreNote";
import { ErrorState, LoadingRows } from "./States";

const STATES: Record<DeletionModel["state"], string> = {
  waiting: "waiting for the store",
  deleted: "deleted, still on the disk",
  purged: "off the disk",
};

/** What was asked to be deleted, and how far that is. */
export function DeletionList() {
  const { data, error, refetch } = useQuery(deletionsQuery());
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <LoadingRows rows={3} label="Loading the deletions" />;
  if (data.deletions.length === 0) return <p>Nothing was asked to be deleted.</p>;
  return (
    <div className={classes["scroll"]} tabIndex={0} role="region" aria-label="Deletions">
      <table className={classes["table"]}>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">State</th>
            <th scope="col">Traces</th>
            <th scope="col">Asked for</th>
          </tr>
        </thead>
        <tbody>
          {data.deletions.map((deletion) => (
            <tr key={deletion.id}>
              <th scope="row">
                {deletion.kind} <span className={classes["target"]}>{deletion.value}</span>
              </th>
              <td>{STATES[deletion.state]}</td>
              <td>{formatInteger(deletion.traces)}</td>
              <td>
                <Timestamp time={deletion.requested_at} /> by {deletion.asked_by}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <MoreNote more={data.more}>The newest {data.deletions.length}; there are more.</MoreNote>
    </div>
  );
}
