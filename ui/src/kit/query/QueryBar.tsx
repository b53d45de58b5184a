import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { QueryFault } from "@/api/client";
import { useShortcuts } from "@/lib/shortcuts";
import { IconButton } from "../Button";
import { CloseIcon, SearchIcon } from "../icons";
import classes from "./QueryBar.module.css";
import type { Complete, QueryEditor as Editor } from "./QueryEditor";

type BarProps = {
  label: string;
  placeholder: string;
  /** The query that runs now. */
  value: string;
  onRun: (query: string) => void;
  complete: Complete;
  /** What is wrong with `value`. */
  fault: QueryFault | null;
};

type LoadedEditor = { Editor: typeof Editor; selection: readonly [number, number] | null };

/** Takes a query: `/` goes there, enter runs it, esc leaves. A plain input until the editor's code has come. */
export function QueryBar({ label, placeholder, value, onRun, complete, fault }: BarProps) {
  const input = useRef<HTMLInputElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const faultId = useId();
  const [draft, setDraft] = useDraft(value);
  const editor = useEditor(input);
  const shownFault = draft === value ? fault : null;
  const focus = (): void =>
    bar.current?.querySelector<HTMLElement>("input, [contenteditable=true]")?.focus();
  const run = (query: string): void => onRun(query.trim());
  useShortcuts([{ key: "/", label: "Write a query", run: focus }]);
  const shared = { label, placeholder, text: draft, onChange: setDraft, onRun: run, faultId };
  return (
    <div className={classes["place"]} role="search">
      <div ref={bar} className={classes["bar"]} data-fault={shownFault !== null}>
        <SearchIcon size={14} aria-hidden className={classes["icon"] ?? ""} />
        {editor ? (
          <editor.Editor {...shared} complete={complete} fault={shownFault} selection={editor.selection} />
        ) : (
          <PlainInput {...shared} inputRef={input} invalid={shownFault !== null} />
        )}
        {draft === "" ? (
          <kbd className={classes["key"]} aria-hidden>
            /
          </kbd>
        ) : (
          <IconButton
            label="Clear the query"
            onClick={() => {
              setDraft("");
              run("");
            }}
          >
            <CloseIcon size={14} />
          </IconButton>
        )}
      </div>
      {shownFault ? (
        <p id={faultId} className={classes["fault"]} role="alert">
          {shownFault.message}
        </p>
      ) : null}
    </div>
  );
}

/** What is being written; a new query from elsewhere replaces it. */
function useDraft(value: string): [string, (draft: string) => void] {
  const [draft, setDraft] = useState(value);
  const [before, setBefore] = useState(value);
  if (before !== value) {
    setBefore(value);
    setDraft(value);
  }
  return [draft, setDraft];
}

/** The editor once its code is there; it takes over the cursor of the input that it replaces. */
function useEditor(input: React.RefObject<HTMLInputElement | null>): LoadedEditor | null {
  const [editor, setEditor] = useState<LoadedEditor | null>(null);
  useEffect(() => {
    let wanted = true;
    const show = (Loaded: typeof Editor): void => {
      const plain = input.current;
      const isFocused = plain !== null && document.activeElement === plain;
      const selection = isFocused ? ([plain.selectionStart ?? 0, plain.selectionEnd ?? 0] as const) : null;
      if (wanted) setEditor({ Editor: Loaded, selection });
    };
    // Not before the list has its turn on the network and the processor.
    const timer = setTimeout(() => {
      // Without its code the plain input goes on to serve.
      void import("./QueryEditor").then((module) => show(module.QueryEditor)).catch(() => undefined);
    }, EDITOR_AFTER_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [input]);
  return editor;
}

const EDITOR_AFTER_MS = 150;

type InputProps = {
  label: string;
  placeholder: string;
  text: string;
  onChange: (text: string) => void;
  onRun: (text: string) => void;
  faultId: string;
  invalid: boolean;
  inputRef: React.RefObject<HTMLInputElement | null>;
};

function PlainInput({ label, placeholder, text, onChange, onRun, faultId, invalid, inputRef }: InputProps) {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") onRun(text);
    else if (event.key === "Escape") event.currentTarget.blur();
    else return;
    event.preventDefault();
  };
  return (
    <input
      ref={inputRef}
      className={classes["input"]}
      aria-label={label}
      aria-invalid={invalid}
      {...(invalid ? { "aria-describedby": faultId } : {})}
      placeholder={placeholder}
      spellCheck={false}
      autoCapitalize="off"
      autoComplete="off"
      enterKeyHint="search"
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={onKeyDown}
    />
  );
}
