import {
  acceptCompletion,
  completionStatus,
  moveCompletionSelection,
  selectedCompletionIndex,
} from "@codemirror/autocomplete";
import { type Extension, Prec } from "@codemirror/state";
import { EditorView, keymap, ViewPlugin, type ViewUpdate } from "@codemirror/view";

const HOLDS_MS = 2000;

/**
 * Tab takes the option chosen, else the first; without options, or with nothing typed or chosen, it leaves the bar.
 *
 * While options are on their way it waits for them, and so does what is typed after it.
 */
export function tabTakesOption(): Extension {
  return [
    waitingTab,
    EditorView.inputHandler.of((view, _from, _to, text) => view.plugin(waitingTab)?.holds(text) ?? false),
    Prec.highest([
      EditorView.domEventHandlers({
        keydown: (event, view) => {
          if (event.key.length > 1 && event.key !== "Shift") view.plugin(waitingTab)?.settle();
        },
      }),
      keymap.of([{ key: "Tab", run: onTab }]),
    ]),
  ];
}

function onTab(view: EditorView): boolean {
  // Who goes through the page by Tab passes an empty bar, whose options nobody asked for.
  if (view.state.doc.length === 0 && selectedCompletionIndex(view.state) === null) return false;
  if (completionStatus(view.state) !== "pending") return takeOption(view);
  view.plugin(waitingTab)?.wait();
  return true;
}

function takeOption(view: EditorView): boolean {
  if (completionStatus(view.state) !== "active") return false;
  if (selectedCompletionIndex(view.state) === null) moveCompletionSelection(true)(view);
  return acceptCompletion(view);
}

class WaitingTab {
  /** Typed after the Tab; null when none waits. */
  #typed: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly view: EditorView) {}

  wait(): void {
    this.#typed = "";
  }

  holds(text: string): boolean {
    if (this.#typed === null) return false;
    // Typing that is not seen for long would look like a page that hangs.
    if (this.#typed === "") this.#timer = setTimeout(() => this.settle(), HOLDS_MS);
    this.#typed += text;
    return true;
  }

  settle(): void {
    const typed = this.#typed;
    if (typed === null) return;
    this.destroy();
    takeOption(this.view);
    if (typed) this.view.dispatch(this.view.state.replaceSelection(typed), { userEvent: "input.type" });
  }

  update({ state }: ViewUpdate): void {
    if (this.#typed !== null && completionStatus(state) !== "pending") queueMicrotask(() => this.settle());
  }

  destroy(): void {
    this.#typed = null;
    clearTimeout(this.#timer);
  }
}

const waitingTab = ViewPlugin.fromClass(WaitingTab);
