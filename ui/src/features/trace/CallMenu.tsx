import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { replayCall, replayScript } from "@/api/replay";
import { IconButton } from "@/kit/Button";
import { TerminalIcon } from "@/kit/icons";
import { Menu } from "@/kit/Menu";
import { copyText } from "@/lib/clipboard";
import classes from "./SpanPanel.module.css";

type Script = { format: "curl" | "python"; name: string };

/** The recorded call to take along, or to make again. */
export function CallMenu({ traceId, spanId }: { traceId: string; spanId: string }) {
  const navigate = useNavigate();
  const copy = useMutation({
    mutationFn: async ({ format, name }: Script) => {
      await copyText(await replayScript(traceId, spanId, format));
      return `Copied as ${name}`;
    },
  });
  const again = useMutation({ mutationFn: () => replayCall(traceId, spanId) });
  const runAgain = (): void => {
    copy.reset();
    again.mutate(undefined, {
      // Not called once the menu is gone: whoever went on to something else stays there.
      onSuccess: (made) =>
        void navigate({ to: "/t/$traceId", params: { traceId: made.trace_id }, search: { span: made.span_id } }),
    });
  };
  const copyAs = (script: Script) => (): void => {
    again.reset();
    copy.mutate(script);
  };
  const error = copy.error ?? again.error;
  const text = again.isPending ? "Making the call again…" : (error?.message ?? copy.data);
  return (
    <>
      {text ? (
        <span role={error ? "alert" : "status"} className={classes["notice"]} data-tone={error ? "error" : "ok"}>
          {text}
        </span>
      ) : null}
      <Menu
        title="The call"
        target={
          <IconButton label="Copy or repeat the call" disabled={copy.isPending || again.isPending}>
            <TerminalIcon size={14} />
          </IconButton>
        }
        entries={[
          { label: "Copy as curl", run: copyAs({ format: "curl", name: "curl" }) },
          { label: "Copy as Python", run: copyAs({ format: "python", name: "Python" }) },
          { label: "Run again", run: runAgain },
        ]}
      />
    </>
  );
}
