import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { conversationQuery, userProfileQuery } from "@/api/activity";
import { askForDeletion, type DeletionTarget, deletionsQuery } from "@/api/deletions";
import type { DeletionModel } from "@/api/schema";
import { formatInteger, plural } from "@/lib/format";
import { Button } from "./Button";
import classes from "./Deletions.module.css";

const ALL_TIME = { since: "all" };

type PanelProps = { target: DeletionTarget; onDone: () => void; onClose: () => void };

/** Says what goes, deletes it when that is confirmed, and says what became of it. */
export function DeletePanel({ target, onDone, onClose }: PanelProps) {
  const client = useQueryClient();
  const deleting = useMutation({
    mutationFn: () => askForDeletion(target),
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: deletionsQuery().queryKey });
    },
  });
  if (deleting.data) {
    return (
      <div className={classes["panel"]}>
        <p role="status">{outcome(deleting.data)}</p>
        <div>
          <Button look="primary" onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className={classes["panel"]}>
      <p className={classes["target"]}>{target.value}</p>
      <WhatGoes target={target} />
      <p className={classes["dim"]}>
        Gone from every list, trace and search at once, from sums within seconds, and off the disk within about ten minutes.
        This cannot be undone; backups and exports are not touched.
      </p>
      {deleting.error ? (
        <p className={classes["failure"]} role="alert">
          {deleting.error.message}
        </p>
      ) : null}
      <div className={classes["actions"]}>
        <Button onClick={onClose} data-autofocus>
          Keep
        </Button>
        <Button look="danger" busy={deleting.isPending} onClick={() => deleting.mutate()}>
          Delete the {target.kind}
        </Button>
      </div>
    </div>
  );
}

function WhatGoes({ target: { kind, value } }: { target: DeletionTarget }) {
  switch (kind) {
    case "trace":
      return (
        <ul className={classes["parts"]}>
          <li>all spans of this trace, with prompts, answers and events</li>
          <li>the scores on the trace and on its spans</li>
        </ul>
      );
    case "session":
      return (
        <ul className={classes["parts"]}>
          <li>
            <SessionTraces session={value} /> with a span of this session, whole
          </li>
          <li>the scores on these traces, on their spans and on the session</li>
        </ul>
      );
    case "user":
      return (
        <ul className={classes["parts"]}>
          <li>
            <UserTraces user={value} /> with a span of this user, whole, also where others took part
          </li>
          <li>the scores on these traces, on their spans and on the sessions they belong to</li>
          <li>the scores that the user gave</li>
        </ul>
      );
  }
}

function SessionTraces({ session }: { session: string }) {
  const { data } = useInfiniteQuery(conversationQuery(session, ALL_TIME));
  return <Traces count={data?.pages[0]?.session.traces} />;
}

function UserTraces({ user }: { user: string }) {
  const { data } = useQuery(userProfileQuery(user, ALL_TIME));
  return <Traces count={data?.user.traces} />;
}

function Traces({ count }: { count: number | undefined }) {
  return count === undefined ? "every trace" : <strong>{plural(count, "trace")}</strong>;
}

function outcome({ state, traces }: DeletionModel): string {
  if (state === "waiting") return "The store is away. The request is kept, and carried out as soon as the store is back.";
  if (traces === 0) return "Nothing of it was stored. What arrives within a day is deleted.";
  return `${formatInteger(traces)} ${traces === 1 ? "trace is" : "traces are"} deleted, for everyone.`;
}
