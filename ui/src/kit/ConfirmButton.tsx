import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "./Button";
import classes from "./Deletions.module.css";
import { Dialog } from "./Dialog";

type ConfirmProps = {
  /** What the button says, here and in the question: `Delete`. */
  children: string;
  /** The question. */
  title: string;
  /** What it means to do it. */
  consequence: string;
  onConfirm: () => Promise<unknown>;
};

/** A button for what cannot be undone: it asks first, and keeps asking with the reason when it was refused. */
export function ConfirmButton({ children, title, consequence, onConfirm }: ConfirmProps) {
  const [asked, setAsked] = useState(false);
  const doing = useMutation({ mutationFn: onConfirm, onSuccess: () => setAsked(false) });
  return (
    <>
      <Button look="quiet" onClick={() => setAsked(true)}>
        {children}
      </Button>
      <Dialog open={asked} onClose={() => setAsked(false)} title={title}>
        <div className={classes["panel"]}>
          <p className={classes["dim"]}>{consequence}</p>
          {doing.error ? (
            <p className={classes["failure"]} role="alert">
              {doing.error.message}
            </p>
          ) : null}
          <div className={classes["actions"]}>
            <Button onClick={() => setAsked(false)} data-autofocus>
              Keep
            </Button>
            <Button look="danger" busy={doing.isPending} onClick={() => doing.mutate()}>
              {children}
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
