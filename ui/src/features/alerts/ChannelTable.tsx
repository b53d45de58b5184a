import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { MouseEvent } from "react";
import { channelsQuery, deleteChannel, testChannel } from "@/api/alerts";
import type { AlertChannel } from "@/api/schema";
import { Button } from "@/kit/Button";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { AlertsIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import classes from "./Alerts.module.css";
import { ChannelForm } from "./ChannelForm";
import { CHANNEL_KINDS } from "./channelDraft";
import { useOpenedForm } from "./useOpenedForm";

/** Where alerts go, with a button that tries it. Secrets never come back from the server. */
export function ChannelTable() {
  const list = useQuery(channelsQuery());
  const { data, error, refetch } = list;
  const { opened: form, open, close } = useOpenedForm<{ replaced?: AlertChannel }>();
  // A list that could not be read again must not take away what is being typed.
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <LoadingRows label="Loading channels" />;
  return (
    <>
      <ListFailure list={list} />
      <div className={classes["actions"]}>
        <Button look="primary" onClick={(event) => open(event, {})}>
          New channel
        </Button>
      </div>
      {form ? (
        <ChannelForm
          key={form.replaced?.key ?? ""}
          taken={data.channels.map(({ key }) => key)}
          replaced={form.replaced}
          onDone={close}
        />
      ) : null}
      {data.channels.length === 0 && !form ? (
        <EmptyState icon={<AlertsIcon size={22} aria-hidden />} title="No channels">
          A channel is where rules send their alerts: a pager, a chat, a mailbox, a webhook.
        </EmptyState>
      ) : null}
      {data.channels.length > 0 ? (
        <div className={classes["panel"]}>
          <table className={classes["table"]}>
            <tbody>
              {data.channels.map((channel) => (
                <ChannelRow
                  key={channel.key}
                  channel={channel}
                  onReplace={(event) => open(event, { replaced: channel })}
                />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </>
  );
}

function ChannelRow({ channel, onReplace }: { channel: AlertChannel; onReplace: (event: MouseEvent<HTMLElement>) => void }) {
  const queries = useQueryClient();
  const attempt = useMutation({ mutationFn: () => testChannel(channel.key) });
  const remove = async (): Promise<void> => {
    await deleteChannel(channel.key);
    await queries.invalidateQueries({ queryKey: ["alerts", "channels"] });
  };
  const outcome = attempt.data ? (attempt.data.delivered ? "delivered" : attempt.data.reason) : attempt.error?.message;
  return (
    <tr>
      <th scope="row">{channel.key}</th>
      <td>{CHANNEL_KINDS[channel.kind]?.label ?? channel.kind}</td>
      <td>
        <span role="status">{outcome ?? ""}</span>
      </td>
      <td className={classes["rowActions"]}>
        <Button look="quiet" busy={attempt.isPending} onClick={() => attempt.mutate()}>
          Send a test
        </Button>
        <Button look="quiet" onClick={onReplace}>
          New settings
        </Button>
        <ConfirmButton
          title={`Delete the channel “${channel.key}”?`}
          consequence="Rules that name it tell nobody through it any more. Its settings are gone; secrets have to be typed again."
          onConfirm={remove}
        >
          Delete
        </ConfirmButton>
      </td>
    </tr>
  );
}
