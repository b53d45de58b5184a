import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { decideFailure, undoDecision } from "@/api/failures";
import type { FailureAction, FailureCluster } from "@/api/schema";

/** What needs to be asked before it is done. */
export type Question = "assign" | "rename" | "severity" | "ignore" | "merge";

export type Triage = {
  cluster: FailureCluster | undefined;
  question: Question | null;
  /** What was done last, or why it was not. */
  message: string;
  failed: boolean;
  ask: (question: Question) => void;
  close: () => void;
  decide: (action: FailureAction) => void;
  undo: () => void;
};

const CHOOSE = "Choose a failure first, with j and k";

const DONE: Record<FailureAction["action"], string> = {
  merge: "Merged",
  split: "Split",
  rename: "Renamed",
  assign: "Assigned",
  severity: "Marked",
  resolve: "Resolved",
  resolve_in_next_version: "Resolved in the next version",
  ignore: "Ignored",
  reopen: "Reopened",
};

/**
 * Decisions about `cluster`, and taking them back: `newest` is what undo means when nothing was decided here yet.
 * A question stays with the cluster that it was asked about, whatever the list does meanwhile.
 */
export function useTriage(cluster: FailureCluster | undefined, newest?: number): Triage {
  const queries = useQueryClient();
  const [asked, setAsked] = useState<{ question: Question; cluster: FailureCluster } | null>(null);
  const [done, setDone] = useState<readonly number[]>([]);
  const [message, setMessage] = useState("");
  const [failed, setFailed] = useState(false);
  const say = (text: string, isFailure = false): void => {
    setMessage(text);
    setFailed(isFailure);
  };
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ["failures"] });
  // The same again, as a key pressed twice, would be a second decision, of which undo takes back one.
  const deciding = useRef<string | null>(null);
  const decision = useMutation({
    mutationFn: ({ id, action }: { id: string; title: string; action: FailureAction }) => decideFailure(id, action),
    onSuccess: (answer, { title, action }) => {
      setDone((before) => [...before, answer.decision]);
      say(`${DONE[action.action]}: ${title}`);
    },
    onError: (error) => say(error.message, true),
    onSettled: () => refresh().finally(() => (deciding.current = null)),
  });
  const undoing = useMutation({
    mutationFn: undoDecision,
    onSuccess: (_, undone) => {
      setDone((before) => before.filter((each) => each !== undone));
      say("Taken back");
    },
    onError: (error) => say(error.message, true),
    onSettled: refresh,
  });
  const target = asked?.cluster ?? cluster;
  return {
    cluster: target,
    question: asked?.question ?? null,
    message,
    failed,
    ask: (question) => (cluster ? setAsked({ question, cluster }) : say(CHOOSE)),
    close: () => setAsked(null),
    decide: (action) => {
      setAsked(null);
      if (!target) return say(CHOOSE);
      const same = JSON.stringify([target.id, action]);
      if (deciding.current === same) return;
      deciding.current = same;
      decision.mutate({ id: target.id, title: target.title, action });
    },
    undo: () => {
      const last = done.at(-1) ?? newest;
      if (last === undefined) say("There is nothing to take back");
      else undoing.mutate(last);
    },
  };
}
