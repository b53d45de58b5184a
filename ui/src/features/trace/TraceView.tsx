import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useRef } from "react";
import { Button } from "@/kit/Button";
import { ResizeHandle } from "@/kit/ResizeHandle";
import { EmptyState, LoadingRows } from "@/kit/States";
import { lastSearch } from "@/lib/lastSearch";
import { usePreferences } from "@/lib/preferences";
import { without } from "./search";
import { SpanPanel } from "./SpanPanel";
import { buildSpanTree, causePosition, type SpanTree } from "./spanTree";
import type { TimeWindow } from "./timeAxis";
import { TraceHeader } from "./TraceHeader";
import classes from "./TraceView.module.css";
import { useFind } from "./useFind";
import { useFolding } from "./useFolding";
import { nextMatch } from "./useMatches";
import { useSelection, useTraceSearch } from "./useSelection";
import type { LoadedTrace } from "./useTrace";
import { Waterfall } from "./Waterfall";
import { WaterfallBar } from "./WaterfallBar";
import { useWaterfallKeys } from "./waterfallKeys";

const AgentGraph = lazy(() => import("./graph/AgentGraph"));
const route = getRouteApi("/t/$traceId");

/** The trace: header, waterfall or agent graph, and the span that is looked at. */
export function TraceView({ trace, onReload }: { trace: LoadedTrace; onReload: () => void }) {
  const { summary, spans } = trace;
  const tree = useMemo(() => buildSpanTree(spans, summary.duration_ns), [spans, summary.duration_ns]);
  const cause = useMemo(() => causePosition(tree), [tree]);
  const { search, update } = useTraceSearch();
  const { selected, open, close } = useSelection(tree, cause);
  const { visible, collapsed, reveal, toggle, foldAll, unfoldAll } = useFolding(tree);
  const { find, setFind, matches } = useFind(tree, trace);
  const findField = useRef<HTMLInputElement>(null);
  const waterfall = useRef<HTMLDivElement>(null);
  const navigate = route.useNavigate();

  const select = useCallback(
    (position: number) => {
      reveal(position);
      open(position);
    },
    [reveal, open],
  );
  const goToMatch = (step: 1 | -1): void => {
    const position = nextMatch(matches.positions, selected ?? -1, step);
    if (position !== undefined) select(position);
  };
  const view = search.view ?? "waterfall";
  const setView = (next: "waterfall" | "graph"): void =>
    update((current) => (next === "graph" ? { ...current, view: next } : without(current, "view")));
  const showPath = search.path ?? false;
  const togglePath = (): void => update((current) => (current.path ? without(current, "path") : { ...current, path: true }));
  const period = useMemo(() => periodOf(tree, search.zoom), [tree, search.zoom]);
  const toggleZoom = (): void => {
    const zoom = search.zoom || selected === undefined ? undefined : tree.columns.span_id[selected];
    update((current) => (zoom ? { ...current, zoom } : without(current, "zoom")));
  };
  /** What was found stays open and marked, and `n`, `j` and the arrows go on from it. */
  const leaveFind = (): void => {
    findField.current?.blur();
    waterfall.current?.querySelector<HTMLElement>("[role=tree]")?.focus({ preventScroll: true });
  };
  const leave = (): void => void navigate({ to: "/traces", search: lastSearch("/traces") });
  useWaterfallKeys({
    tree,
    visible,
    collapsed,
    selected,
    open,
    toggle,
    select,
    goToMatch,
    togglePath,
    toggleZoom,
    close,
    leave,
    focusSearch: () => {
      findField.current?.focus();
      findField.current?.select();
    },
    toggleView: () => setView(view === "graph" ? "waterfall" : "graph"),
  });

  return (
    <>
      <TraceHeader summary={summary} tree={tree} cause={cause} onSelect={select} />
      <div className={classes["view"]}>
        <div ref={waterfall} className={classes["waterfall"]}>
          <WaterfallBar
            {...{ view, find, matches, selected, showPath, onReload }}
            onView={setView}
            loaded={tree.count}
            total={trace.totalSpans}
            stored={summary.span_count}
            shown={visible.length}
            stopped={trace.stopped}
            onFind={setFind}
            findRef={findField}
            onLeaveFind={leaveFind}
            onMatch={goToMatch}
            isZoomed={search.zoom !== undefined}
            onToggleZoom={toggleZoom}
            onTogglePath={togglePath}
            onFoldAll={foldAll}
            onUnfoldAll={unfoldAll}
          />
          {view === "graph" ? (
            <Suspense fallback={<LoadingRows rows={6} label="Loading the graph" />}>
              <AgentGraph tree={tree} selected={selected} onSelect={select} />
            </Suspense>
          ) : (
            <Waterfall
              {...{ tree, visible, collapsed, period, showPath, selected }}
              matches={matches.has}
              onSelect={open}
              onToggle={toggle}
            />
          )}
        </div>
        {selected !== undefined ? (
          <Panel traceId={summary.trace_id} spanId={tree.columns.span_id[selected] ?? ""} onClose={close} />
        ) : search.span && tree.count >= trace.totalSpans ? (
          <NoSpan spanId={search.span} onClose={close} />
        ) : null}
      </div>
    </>
  );
}

/** The time of one span, or of the whole trace. */
function periodOf({ columns, positionOf, spanOfTimeNs }: SpanTree, zoom: string | undefined): TimeWindow {
  const position = zoom === undefined ? undefined : positionOf.get(zoom);
  if (position === undefined) return { startNs: 0, lengthNs: spanOfTimeNs };
  return {
    startNs: columns.start_offset_ns[position] ?? 0,
    lengthNs: Math.max(columns.duration_ns[position] ?? 0, 1),
  };
}

function Panel({ traceId, spanId, onClose }: { traceId: string; spanId: string; onClose: () => void }) {
  const [{ panelWidth }, change] = usePreferences();
  const { search, update } = useTraceSearch();
  return (
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
          traceId={traceId}
          spanId={spanId}
          tab={search.tab ?? ""}
          find={search.find ?? ""}
          onTab={(tab) => update((current) => ({ ...current, tab }))}
          onClose={onClose}
        />
      </aside>
    </>
  );
}

/** For a link to a span that is not there. */
function NoSpan({ spanId, onClose }: { spanId: string; onClose: () => void }) {
  const [{ panelWidth }] = usePreferences();
  return (
    <aside className={classes["panel"]} style={{ width: panelWidth }} aria-label="Span">
      <EmptyState title="No such span" actions={<Button onClick={onClose}>Close</Button>}>
        This trace has no span <code>{spanId}</code>. It may not have arrived yet.
      </EmptyState>
    </aside>
  );
}
