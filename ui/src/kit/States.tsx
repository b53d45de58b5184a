import type { ReactNode } from "react";
import { ApiError } from "@/api/client";
import { Button } from "./Button";
import { ErrorIcon, RefreshIcon } from "./icons";
import classes from "./States.module.css";

type EmptyProps = { icon?: ReactNode; title: string; children?: ReactNode; actions?: ReactNode };

/** Says that there is nothing, why, and what to do about it. */
export function EmptyState({ icon, title, children, actions }: EmptyProps) {
  return (
    <div className={classes["state"]}>
      {icon}
      <p className={classes["title"]}>{title}</p>
      {children ? <div className={classes["text"]}>{children}</div> : null}
      {actions ? <div className={classes["actions"]}>{actions}</div> : null}
    </div>
  );
}

/** Says what went wrong in the server's own words, and lets it be tried again. */
export function ErrorState({ error, retry }: { error: Error; retry?: () => void }) {
  const title = error instanceof ApiError ? error.title : "Something went wrong";
  // Only a document that is loaded is asked to sign in.
  const isSignedOut = error instanceof ApiError && error.status === 401;
  return (
    <div className={classes["state"]} role="alert">
      <ErrorIcon size={22} color="var(--sl-error)" aria-hidden />
      <p className={classes["title"]}>{title}</p>
      <p className={classes["text"]}>{error.message}</p>
      {retry ? (
        <Button icon={<RefreshIcon size={14} />} onClick={isSignedOut ? () => window.location.reload() : retry}>
          {isSignedOut ? "Load the page again" : "Try again"}
        </Button>
      ) : null}
    </div>
  );
}

const WIDTHS = ["72%", "54%", "81%", "63%", "47%", "76%", "58%", "69%"];

/** Bars where rows will be. */
export function LoadingRows({ rows = 8, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div className={classes["bars"]} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={classes["bar"]} style={{ width: WIDTHS[index % WIDTHS.length] }} />
      ))}
    </div>
  );
}
