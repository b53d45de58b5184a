import { history, historyKeymap, standardKeymap } from "@codemirror/commands";
import { EditorState, type Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";

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
    history(),
    keymap.of([...historyKeymap, ...standardKeymap]),
  ];
}
