import { useEffect, useState } from "react";
import { copyText } from "@/lib/clipboard";
import { IconButton } from "./Button";
import { CheckIcon, CopyIcon, ErrorIcon } from "./icons";

const SHOWN_MS = 1500;

/** Puts text on the clipboard. `text` may be a function where making it is work. */
export function CopyButton({ text, label = "Copy" }: { text: string | (() => string); label?: string }) {
  const [outcome, setOutcome] = useState<"Copied" | "The browser did not let it be copied">();
  useEffect(() => {
    if (!outcome) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (): Promise<void> => {
    try {
      await copyText(typeof text === "function" ? text() : text);
      setOutcome("Copied");
    } catch {
      setOutcome("The browser did not let it be copied");
    }
  };
  return (
    <IconButton label={outcome ?? label} onClick={() => void copy()}>
      {outcome === undefined ? (
        <CopyIcon size={14} />
      ) : outcome === "Copied" ? (
        <CheckIcon size={14} />
      ) : (
        <ErrorIcon size={14} color="var(--sl-error)" />
      )}
    </IconButton>
  );
}
