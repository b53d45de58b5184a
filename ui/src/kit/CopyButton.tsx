import { useEffect, useState } from "react";
import { copyText } from "@/lib/clipboard";
import { IconButton } from "./Button";
import { CheckIcon, CopyIcon } from "./icons";

const SHOWN_MS = 1500;

/** Puts text on the clipboard. `text` may be a function where making it is work. */
export function CopyButton({ text, label = "Copy" }: { text: string | (() => string); label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    await copyText(typeof text === "function" ? text() : text);
    setCopied(true);
  };
  return (
    <IconButton label={copied ? "Copied" : label} onClick={() => void copy()}>
      {copied ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
    </IconButton>
  );
}
