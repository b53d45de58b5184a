import type { ReactNode } from "react";
import { Button } from "@/kit/Button";
import classes from "./Settings.module.css";

type FormProps = {
  label: string;
  /** What the button says. */
  action: string;
  busy: boolean;
  /** Why it was refused last. */
  failure: Error | null;
  onSubmit: () => void;
  onCancel: () => void;
  children: ReactNode;
};

/** Fields in a dialog, with what sends them below. */
export function DialogForm({ label, action, busy, failure, onSubmit, onCancel, children }: FormProps) {
  return (
    <form
      className={classes["form"]}
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        if (busy) return;
        onSubmit();
        // What is wrong may be out of sight, and is marked by the next frame.
        const form = event.currentTarget;
        requestAnimationFrame(() => form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      }}
    >
      {children}
      {failure ? (
        <p className={classes["failure"]} role="alert">
          {failure.message}
        </p>
      ) : null}
      <div className={classes["actions"]}>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy}>
          {action}
        </Button>
      </div>
    </form>
  );
}
