import { useMutation, useQuery } from "@tanstack/react-query";
import { channelsQuery, testChannel } from "@/api/alerts";
import type { AlertChannel } from "@/api/schema";
import { Button } from "@/kit/Button";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import classes from "./Alerts.module.css";

/** Where alerts go, with a button that tries it. Secrets never come back from the server. */
export function ChannelTable() {
  const { data, error, refetch } = useQuery(channelsQuery());
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <LoadingRows label="Loading channels" />;
  if (data.channels.length === 0)
    return (
      <EmptyState title="No channels">
        Add one with <code>PUT /api/v1/alerts/channels/on-call</code>; docs/alerts.md lists the kinds.
      </EmptyState>
    );
  return (
    <div className={classes["panel"]}>
      <table className={classes["table"]}>
        <tbody>
          {data.channels.map((channel) => (
            <ChannelRow key={channel.key} channel={channel} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ChannelRow({ channel }: { channel: AlertChannel }) {
  const attempt = useMutation({ mutationFn: () => testChannel(channel.key) });
  const outcome = attempt.data ? (attempt.data.delivered ? "delivered" : attempt.data.reason) : attempt.error?.message;
  return (
    <tr>
      <th scope="row">{channel.key}</th>
      <td>{channel.kind}</td>
      <td>
        <Button busy={attempt.isPending} onClick={() => attempt.mutate()}>
          Send a test
        </Button>
      </td>
      <td>
        <span role="status">{outcome ?? ""}</span>
      </td>
    </tr>
  );
}
