import { useShortcuts } from "@/lib/shortcuts";
import { hasChildren, hasFailed, parentPosition, type SpanTree, subtreeEnd } from "./spanTree";

type TreeState = {
  tree: SpanTree;
  /** Positions on the screen, in order. */
  visible: readonly number[];
  collapsed: ReadonlySet<number>;
  selected: number | undefined;
  open: (position: number) => void;
  toggle: (position: number) => void;
};

type Keys = TreeState & {
  /** Goes to the next (or previous) match of the search. */
  goToMatch: (step: 1 | -1) => void;
  /** Opens a span, also one in a folded subtree. */
  select: (position: number) => void;
  focusSearch: () => void;
  togglePath: () => void;
  toggleZoom: () => void;
  toggleView: () => void;
  close: () => void;
  leave: () => void;
};

const PAGE = 20;

/** The keys of the trace page that work wherever the focus is. */
export function useWaterfallKeys(keys: Keys): void {
  const { selected, toggle, select } = keys;
  const fold = (): void => {
    if (selected !== undefined) toggle(selected);
  };
  const goToFailure = (step: 1 | -1): void => {
    const position = nextFailure(keys.tree, selected, step);
    if (position !== undefined) select(position);
  };
  useShortcuts([
    { key: "j", label: "Next span (in the tree also ↓)", run: () => move(keys, 1) },
    { key: "k", label: "Previous span (in the tree also ↑)", run: () => move(keys, -1) },
    { key: "o", label: "Fold or unfold (in the tree also ← and →)", run: fold },
    { key: "e", label: "Next failure", run: () => goToFailure(1) },
    { key: "E", label: "Previous failure", run: () => goToFailure(-1) },
    { key: "/", label: "Search in the trace", run: keys.focusSearch },
    { key: "n", label: "Next match", run: () => keys.goToMatch(1) },
    { key: "N", label: "Previous match", run: () => keys.goToMatch(-1) },
    { key: "p", label: "Show the critical path", run: keys.togglePath },
    { key: "z", label: "Zoom the time axis to the span, or back", run: keys.toggleZoom },
    { key: "v", label: "Waterfall or agent graph", run: keys.toggleView },
    {
      key: "Escape",
      label: "Close the span, then leave the trace",
      run: () => (selected === undefined ? keys.leave() : keys.close()),
    },
  ]);
}

/** What a key does in the tree, as in every tree; false when it is not one of the tree's. */
export function handleTreeKey(key: string, state: TreeState): boolean {
  const { tree, visible, collapsed, selected, open, toggle } = state;
  switch (key) {
    case "ArrowDown":
      move(state, 1);
      return true;
    case "ArrowUp":
      move(state, -1);
      return true;
    case "PageDown":
      move(state, PAGE);
      return true;
    case "PageUp":
      move(state, -PAGE);
      return true;
    case "Home":
      move(state, -visible.length);
      return true;
    case "End":
      move(state, visible.length);
      return true;
    case "ArrowRight":
      if (selected === undefined || !hasChildren(tree, selected)) return true;
      if (collapsed.has(selected)) toggle(selected);
      else move(state, 1);
      return true;
    case "ArrowLeft": {
      if (selected === undefined) return true;
      const parent = parentPosition(tree, selected);
      if (hasChildren(tree, selected) && !collapsed.has(selected)) toggle(selected);
      else if (parent !== undefined) open(parent);
      return true;
    }
    default:
      return false;
  }
}

function move({ tree, visible, selected, open }: TreeState, step: number): void {
  const at = selected === undefined ? -1 : placeOf(tree, visible, selected);
  const next = visible[Math.min(visible.length - 1, Math.max(0, at + step))];
  if (next !== undefined) open(next);
}

/** Where a span is among the visible ones; for one inside a folded subtree, where that subtree is. */
function placeOf(tree: SpanTree, visible: readonly number[], position: number): number {
  const exact = visible.indexOf(position);
  return exact >= 0 ? exact : visible.findLastIndex((shown) => shown < position && subtreeEnd(tree, shown) > position);
}

function nextFailure({ columns, count }: SpanTree, from: number | undefined, step: 1 | -1): number | undefined {
  const start = from ?? (step === 1 ? -1 : count);
  for (let i = 1; i <= count; i++) {
    const position = (start + step * i + count * 2) % count;
    if (hasFailed(columns, position)) return position;
  }
  return undefined;
}
