import type { KeyboardEvent } from "react";
import { Button } from "@/kit/Button";
import { RunIcon, StopIcon } from "@/kit/icons";
import classes from "./Sql.module.css";

type EditorProps = {
  text: string;
  running: boolean;
  onChange: (text: string) => void;
  onRun: () => void;
  onStop: () => void;
};

/** The query and the button that runs and stops it; Ctrl or ⌘ with Enter runs it too. */
export function SqlEditor({ text, running, onChange, onRun, onStop }: EditorProps) {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onRun();
    }
  };
  return (
    <form
      className={classes["editor"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (running) onStop();
        else onRun();
      }}
    >
      <textarea
        className={classes["text"]}
        aria-label="SQL"
        value={text}
        rows={Math.min(14, Math.max(5, text.split("\n").length))}
        spellCheck={false}
        autoCapitalize="off"
        placeholder="SELECT app, count() AS spans FROM spans WHERE start_time > now64(9) - INTERVAL 1 DAY GROUP BY app"
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className={classes["run"]}>
        <Button
          look={running ? "plain" : "primary"}
          type="submit"
          icon={running ? <StopIcon size={14} /> : <RunIcon size={14} />}
          disabled={text.trim() === "" && !running}
        >
          {running ? "Stop" : "Run"}
        </Button>
        <span className={classes["hint"]}>Ctrl or ⌘ with Enter runs it</span>
      </div>
    </form>
  );
}
