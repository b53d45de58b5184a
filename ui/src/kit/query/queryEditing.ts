import { history, historyKeymap, standardKeymap } from "@codemirror/commands";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap } from "@codemirror/view";

/** One line of text that can be undone: line breaks, pasted ones too, become spaces. */
export function queryEditing(): Extension {
  return [
    EditorState.transactionFilter.of((transaction) => {
      if (!transaction.docChanged || transaction.newDoc.lines === 1) return transaction;
      const text = transaction.newDoc.toString().replaceAll(/\s*\n\s*/g, " ");
      return {
        changes: { from: 0, to: transaction.startState.doc.length, insert: text },
        selection: { anchor: Math.min(transaction.newSelection.main.head, text.length) },
      };
    }),
    EditorView.domEventHandlers({ beforeinput: replaceSelected }),
    highlightSpecialChars(),
    history(),
    keymap.of([...historyKeymap, ...standardKeymap]),
  ];
}

/** Left to itself the browser keeps the look of text that is typed over as an inline style, which our policy forbids. */
function replaceSelected(event: InputEvent, view: EditorView): boolean {
  const { main } = view.state.selection;
  if (event.inputType !== "insertText" || event.data === null || main.empty) return false;
  view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
  return true;
}
