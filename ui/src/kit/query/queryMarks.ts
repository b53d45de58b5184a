import { type Extension, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import { type QueryToken, tokenize } from "@/lib/queryText";
import classes from "./QueryEditor.module.css";

/** Marks the character where the query cannot be read; null takes the mark away, as does every edit. */
export const markFault = StateEffect.define<number | null>();

const LOOK: Record<QueryToken["kind"], Decoration> = {
  field: mark("field"),
  operator: mark("operator"),
  value: mark("value"),
  string: mark("string"),
  keyword: mark("keyword"),
  bracket: mark("operator"),
  text: mark("text"),
};

const FAULT = mark("fault");

/** Colours for the pieces of a query. */
export function queryColours(): Extension {
  return [
    EditorView.decorations.compute(["doc"], (state) => {
      const builder = new RangeSetBuilder<Decoration>();
      for (const { kind, from, to } of tokenize(state.doc.toString())) builder.add(from, to, LOOK[kind]);
      return builder.finish();
    }),
    faultField,
    EditorView.contentAttributes.of((view) => ({
      "aria-invalid": String(view.state.field(faultField).size > 0),
    })),
  ];
}

const faultField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    if (transaction.docChanged) return Decoration.none;
    for (const effect of transaction.effects) {
      if (effect.is(markFault)) return faultAt(effect.value, transaction.newDoc.toString());
    }
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The piece at the fault; at the end of the text, where nothing is, the last one. */
function faultAt(position: number | null, text: string): DecorationSet {
  if (position === null || text === "") return Decoration.none;
  const piece = tokenize(text).find(({ to }) => to > position);
  const from = Math.min(piece?.from ?? position, text.length - 1);
  return Decoration.set(FAULT.range(from, piece?.to ?? text.length));
}

function mark(name: string): Decoration {
  return Decoration.mark({ class: classes[name] ?? "" });
}
