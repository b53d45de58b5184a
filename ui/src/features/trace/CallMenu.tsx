import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { replayCall, replayScript } from "@/api/replay";
import { IconButton } from "@/kit/Button";
import { TerminalIcon } from "@/kit/icons";
import { Menu } from "@/kit/Menu";
import { copyText } from "@/lib/clipboard";
import classes from "./SpanPanel.module.css";

type Notice = { tone: "ok" | "error"; text: string };

/** The recorded call to take along, or to make again. */
export function CallMenu({ traceId, spanId }: { traceId: string; spanId: string }) {
  const navigate = useNavigate();
  const [notice, setNotice] = useState<Notice>();
  const [isBusy, setBusy] = useState(false);

  const copyAs = async (format: "curl" | "python", name: string): Promise<string> => {
    await copyText(await replayScript(traceId, spanId, format));
    return `Copied as ${name}`;
  };
  const runAgain = async (): Promise<string> => {
    const made = await replayCall(traceId, spanId);
    await navigate({ to: "/t/$traceId", params: { traceId: made.trace_id }, search: { span: made.span_id } });
    return made.error ?? "Made again: this is the new call";
  };
  const run = (action: () => Promise<string>) => () => {
    setBusy(true);
    action()
      .then((text) => setNotice({ tone: "ok", text }))
      .catch((error: unknown) => {
        setNotice({ tone: "error", text: error instanceof Error ? error.message : String(error) });
      })
      .finally(() => setBusy(false));
  };
  return (
    <>
      {notice ? (
        <span role="status" className={classes["notice"]} data-tone={notice.tone} title={notice.text}>
          {notice.text}
        </span>
      ) : null}
      <Menu
        title="The call"
        target={
          <IconButton label="Copy or repeat the call" disabled={isBusy}>
            <TerminalIcon size={14} />
          </IconButton>
        }
        entries={[
          { label: "Copy as curl", run: run(() => copyAs("curl", "curl")) },
          { label: "Copy as Python", run: run(() => copyAs("python", "Python")) },
          { label: "Run again", run: run(runAgain) },
        ]}
      />
    </>
  );
}
