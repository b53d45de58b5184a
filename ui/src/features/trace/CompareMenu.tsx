import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { baselineQuery, neighboursQuery } from "@/api/traces";
import { Button, IconButton } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { TextField } from "@/kit/Fields";
import { ChangedIcon } from "@/kit/icons";
import { Menu, type MenuEntry } from "@/kit/Menu";
import { traceIdIn } from "@/lib/traceId";

type MenuProps = { traceId: string; hasSession: boolean };

/** Ways to another trace to hold this one beside; this one becomes the right side. */
export function CompareMenu({ traceId, hasSession }: MenuProps) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [why, setWhy] = useState("");
  const compare = (left: string): void => void navigate({ to: "/compare", search: { left, right: traceId } });
  const ask = (reason: string): void => {
    setWhy(reason);
    setAsking(true);
  };

  const compareWithGoodRun = async (): Promise<void> => {
    const { trace, days } = await queries.fetchQuery(baselineQuery(traceId));
    if (trace) compare(trace.trace_id);
    else ask(`No run of the same app and name ended well in the ${days} days before.`);
  };
  const compareWithPrevious = async (): Promise<void> => {
    const { previous } = await queries.fetchQuery(neighboursQuery(traceId));
    if (previous) compare(previous.trace_id);
    else ask("This is the first trace of its session.");
  };
  const run = (find: () => Promise<void>) => () => {
    find().catch((error: unknown) => ask(error instanceof Error ? error.message : String(error)));
  };
  const entries: MenuEntry[] = [
    { label: "Median good run", run: run(compareWithGoodRun) },
    ...(hasSession ? [{ label: "Previous run of the session", run: run(compareWithPrevious) }] : []),
    { label: "Another trace, by id…", run: () => ask("") },
  ];
  return (
    <>
      <Menu
        title="Compare with"
        target={
          <IconButton label="Compare with…">
            <ChangedIcon size={15} />
          </IconButton>
        }
        entries={entries}
      />
      <Dialog open={isAsking} onClose={() => setAsking(false)} title="Compare with another trace">
        <AskForTrace why={why} onChoose={compare} />
      </Dialog>
    </>
  );
}

function AskForTrace({ why, onChoose }: { why: string; onChoose: (traceId: string) => void }) {
  const [text, setText] = useState("");
  const [isWrong, setWrong] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const id = traceIdIn(text);
    setWrong(!id);
    if (id) onChoose(id);
  };
  return (
    <form onSubmit={submit} style={{ display: "grid", gap: 12 }}>
      {why ? <p role="status">{why}</p> : null}
      <TextField
        label="Trace id, or a link to the trace"
        value={text}
        onChange={setText}
        error={isWrong ? "A trace id has 32 hex digits" : undefined}
      />
      <div>
        <Button type="submit" look="primary">
          Compare
        </Button>
      </div>
    </form>
  );
}
