import {
  acceptCompletion,
  autocompletion,
  closeCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  pickedCompletion,
  selectedCompletionIndex,
  startCompletion,
} from "@codemirror/autocomplete";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import { EditorView, keymap, placeholder as placeholderText } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { QueryFault } from "@/api/client";
import type { Completion as QueryCompletion } from "@/api/schema";
import { revealHidden, unitsAt } from "@/lib/characters";
import { plural } from "@/lib/format";
import { styleNonce } from "../styleNonce";
import classes from "./QueryEditor.module.css";
import { queryEditing } from "./queryEditing";
import { markFault, queryColours } from "./queryMarks";
import { tabTakesOption } from "./queryTab";

/** Answers what could stand at a place of the query. */
export type Complete = (query: string, position: number) => Promise<QueryCompletion>;

/** As many as are seen without scrolling; the arrow keys go on to the others. */
const SHOWN_OPTIONS = 12;

type EditorProps = {
  label: string;
  placeholder: string;
  text: string;
  onChange: (text: string) => void;
  onRun: (text: string) => void;
  complete: Complete;
  fault: QueryFault | null;
  faultId: string;
  /** Where the cursor was in the input before; null when it was not there. */
  selection: readonly [number, number] | null;
};

/** The query as coloured text with completion, on CodeMirror. */
export function QueryEditor(props: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    if (!place.current) return undefined;
    const { text, selection } = latest.current;
    const created = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: text,
        extensions: extensionsOf(() => latest.current),
        ...(selection ? { selection: { anchor: selection[0], head: selection[1] } } : {}),
      }),
    });
    view.current = created;
    if (selection) created.focus();
    return () => created.destroy();
  }, []);
  const { text, fault } = props;
  useEffect(() => {
    const current = view.current;
    if (!current || current.state.doc.toString() === text) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: text } });
  }, [text]);
  useEffect(() => {
    const written = view.current?.state.doc.toString() ?? "";
    view.current?.dispatch({ effects: markFault.of(fault ? unitsAt(written, fault.position) : null) });
  }, [fault]);
  return <div ref={place} className={classes["editor"]} />;
}

function extensionsOf(props: () => EditorProps): Extension[] {
  const { label, placeholder, faultId } = props();
  return [
    EditorView.cspNonce.of(styleNonce()),
    queryEditing(),
    queryColours(),
    placeholderText(placeholder),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({
      "aria-label": label,
      "aria-multiline": "false",
      "aria-describedby": faultId,
      spellcheck: "false",
      autocapitalize: "off",
      enterkeyhint: "search",
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) props().onChange(update.state.doc.toString());
      if (update.focusChanged && update.view.hasFocus && update.state.doc.length === 0) startCompletion(update.view);
    }),
    autocompletion({
      override: [(context) => completionsAt(context, props().complete)],
      // Enter runs the query unless an option was chosen with the arrow keys.
      selectOnOpen: false,
      interactionDelay: 0,
      activateOnTypingDelay: 0,
      activateOnCompletion: ({ type }) => type === "field",
      icons: false,
      maxRenderedOptions: SHOWN_OPTIONS,
      tooltipClass: () => classes["options"] ?? "",
      optionClass: () => classes["option"] ?? "",
    }),
    tabTakesOption(),
    Prec.highest(
      keymap.of([
        {
          key: "Enter",
          run: (view) => {
            if (selectedCompletionIndex(view.state) !== null && acceptCompletion(view)) return true;
            closeCompletion(view);
            props().onRun(view.state.doc.toString());
            return true;
          },
        },
        {
          key: "Escape",
          run: (view) => {
            if (!closeCompletion(view)) view.contentDOM.blur();
            return true;
          },
        },
      ]),
    ),
  ];
}

async function completionsAt(context: CompletionContext, complete: Complete): Promise<CompletionResult | null> {
  // Completion is a comfort: where it fails the query can still be written.
  const answer = await complete(context.state.doc.toString(), context.pos).catch(() => null);
  if (!answer || answer.options.length === 0) return null;
  return {
    from: answer.start,
    to: answer.end,
    filter: false,
    options: answer.options.filter(({ text }) => text !== "").map(({ text, kind, meaning, traces }) => ({
      label: text,
      displayLabel: revealHidden(text),
      type: kind,
      detail: traces === null ? meaning : plural(traces, "trace"),
      apply: applyOption,
    })),
  };
}

/** Puts an option in; after a field, and after `has:`, its values are offered. */
function applyOption(view: EditorView, option: Completion, from: number, to: number): void {
  const isOpen = /[:<>=(]$/.test(option.label);
  const insert = option.type === "field" && !isOpen ? `${option.label}:` : option.label;
  const isDone = option.type === "value" || option.type === "fact" || option.type === "keyword";
  const space = isDone && !isOpen && view.state.sliceDoc(to, to + 1).trim() === "" ? " " : "";
  view.dispatch({
    changes: { from, to, insert: insert + space },
    selection: { anchor: from + insert.length + space.length },
    annotations: pickedCompletion.of(option),
    userEvent: "input.complete",
  });
}
