import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import type { Trace } from "@/api/schema";
import { ResizeHandle } from "@/kit/ResizeHandle";
import { useMediaQuery } from "@/lib/mediaQuery";
import { usePreferences } from "@/lib/preferences";
import { useShortcuts } from "@/lib/shortcuts";
import type { TraceSearch } from "./search";
import { SpanPanel } from "./SpanPanel";
import { ancestorsOf, buildSpanTree, causePosition, type SpanTree, visiblePositions } from "./spanTree";
import { TraceHeader } from "./TraceHeader";
import classes from "./TraceView.module.css";
import { Waterfall } from "./Waterfall";
import { WaterfallBar } from "./WaterfallBar";

const route = getRouteApi("/t/$traceId");

/** The trace: header, waterfall, and the span that is looked at. */
export function TraceView({ trace }: { trace: Trace }) {
  const tree = useMemo(() => buildSpanTree(trace.spans), [trace.spans]);
  const cause = useMemo(() => causePosition(tree), [tree]);
  const { selected, open, close, search, setTab } = useSelection(tree, cause);
  const folding = useFolding(tree);
  const { visible, reveal, toggle } = folding;
  const [{ panelWidth }, change] = usePreferences();

  const select = useCallback(
    (position: number) => {
      reveal(position);
      open(position);
    },
    [reveal, open],
  );
  useWaterfallKeys({ visible, selected, open, toggle, close, tree });

  return (
    <>
      <TraceHeader summary={trace.summary} tree={tree} cause={cause} onSelect={select} />
      <div className={classes["view"]}>
        <div className={classes["waterfall"]}>
          <WaterfallBar tree={tree} shown={visible.length} onFoldAll={folding.foldAll} onUnfoldAll={folding.unfoldAll} />
          <Waterfall
            tree={tree}
            visible={visible}
            collapsed={folding.collapsed}
            selected={selected}
            onSelect={open}
            onToggle={toggle}
          />
        </div>
        {selected === undefined ? null : (
          <>
            <ResizeHandle
              label="Width of the span's panel"
              value={panelWidth}
              min={360}
              max={1200}
              grows="left"
              onChange={(width) => change({ panelWidth: width })}
            />
            <aside className={classes["panel"]} style={{ width: panelWidth }} aria-label="Span">
              <SpanPanel
                traceId={trace.summary.trace_id}
                spanId={tree.columns.span_id[selected] ?? ""}
                tab={search.tab ?? ""}
                onTab={setTab}
                onClose={close}
              />
            </aside>
          </>
        )}
      </div>
    </>
  );
}

/** The selected span. The URL holds it; without one, a wide screen opens on the cause or the first span. */
function useSelection(tree: SpanTree, cause: number | undefined) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const isNarrow = useMediaQuery("(max-width: 900px)");
  const [closed, setClosed] = useState(false);
  const fallback = isNarrow || closed ? undefined : (cause ?? (tree.count > 0 ? 0 : undefined));
  const selected = search.span ? tree.positionOf.get(search.span) : fallback;
  const update = useCallback(
    (change: (search: TraceSearch) => TraceSearch) => void navigate({ search: change, replace: true }),
    [navigate],
  );
  const open = useCallback(
    (position: number) => {
      const span = tree.columns.span_id[position];
      if (span) update((current) => ({ ...current, span }));
    },
    [tree, update],
  );
  const close = useCallback(() => {
    setClosed(true);
    update(() => ({}));
  }, [update]);
  const setTab = useCallback((tab: string) => update((current) => ({ ...current, tab })), [update]);
  return { selected, open, close, search, setTab };
}

/** Which subtrees are folded, and what is left to show. */
function useFolding(tree: SpanTree) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set());
  const visible = useMemo(() => visiblePositions(tree, collapsed), [tree, collapsed]);
  const toggle = useCallback((position: number) => {
    setCollapsed((before) => {
      const after = new Set(before);
      if (!after.delete(position)) after.add(position);
      return after;
    });
  }, []);
  const reveal = useCallback(
    (position: number) => {
      const above = new Set(ancestorsOf(tree, position));
      setCollapsed((before) => new Set([...before].filter((folded) => !above.has(folded))));
    },
    [tree],
  );
  const foldAll = useCallback(() => {
    const parents = Array.from({ length: tree.count }, (_, i) => i).filter((i) => (tree.subtreeEnd[i] ?? 0) > i + 1);
    // The roots stay open: a single line would say nothing.
    setCollapsed(new Set(parents.filter((i) => (tree.columns.depth[i] ?? 0) > 0)));
  }, [tree]);
  const unfoldAll = useCallback(() => setCollapsed(new Set()), []);
  return { collapsed, visible, toggle, reveal, foldAll, unfoldAll };
}

type Keys = {
  tree: SpanTree;
  visible: readonly number[];
  selected: number | undefined;
  open: (position: number) => void;
  toggle: (position: number) => void;
  close: () => void;
};

function useWaterfallKeys({ tree, visible, selected, open, toggle, close }: Keys): void {
  const navigate = route.useNavigate();
  const move = (step: number): void => {
    const at = selected === undefined ? -1 : visible.indexOf(selected);
    const next = visible[Math.min(visible.length - 1, Math.max(0, at + step))];
    if (next !== undefined) open(next);
  };
  const isError = (i: number): boolean => tree.columns.status[i] === "error";
  const nextError = (): void => {
    const after = visible.find((i) => i > (selected ?? -1) && isError(i)) ?? visible.find(isError);
    if (after !== undefined) open(after);
  };
  const fold = (): void => {
    if (selected !== undefined) toggle(selected);
  };
  useShortcuts([
    { key: "j", label: "Next span", run: () => move(1) },
    { key: "k", label: "Previous span", run: () => move(-1) },
    { key: "e", label: "Next error", run: nextError },
    { key: "o", label: "Fold or unfold the span", run: fold },
    {
      key: "Escape",
      label: "Close the span, then leave the trace",
      run: () => (selected === undefined ? void navigate({ to: "/traces" }) : close()),
    },
  ]);
}
