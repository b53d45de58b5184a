import type { KeyboardEvent } from "react";
import { Button } from "@/kit/Button";
import { RunIcon } from "@/kit/icons";
import classes from "./Sql.module.css";

type EditorProps = { text: string; busy: boolean; onChange: (text: string) => void; onRun: () => void };

/** The query and the button that runs it; Ctrl or ⌘ with Enter does so too. */
export function SqlEditor({ text, busy, onChange, onRun }: EditorProps) {
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
        onRun();
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
        <Button look="primary" type="submit" icon={<RunIcon size={14} />} busy={busy} disabled={text.trim() === ""}>
          Run
        </Button>
        <span className={classes["hint"]}>Ctrl or ⌘ with Enter</span>
      </div>
    </form>
  );
}
