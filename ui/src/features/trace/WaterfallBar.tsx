import type { Ref } from "react";
import { Button, IconButton } from "@/kit/Button";
import { TextField } from "@/kit/Fields";
import { ArrowDownIcon, ArrowUpIcon, CollapseIcon, ExpandIcon, PathIcon, SearchIcon, ZoomIcon } from "@/kit/icons";
import { Segmented } from "@/kit/Segmented";
import { formatInteger, plural } from "@/lib/format";
import type { Matches } from "./useMatches";
import classes from "./Waterfall.module.css";

type BarProps = {
  view: "waterfall" | "graph";
  onView: (view: "waterfall" | "graph") => void;
  loaded: number;
  total: number;
  /** Spans that are stored; more than `total` when the trace is larger than the server reads. */
  stored: number;
  shown: number;
  /** Set when the rest of the spans could not be loaded. */
  stopped: Error | null;
  onReload: () => void;
  find: string;
  onFind: (text: string) => void;
  findRef: Ref<HTMLInputElement>;
  onLeaveFind: () => void;
  matches: Matches;
  selected: number | undefined;
  onMatch: (step: 1 | -1) => void;
  isZoomed: boolean;
  onToggleZoom: () => void;
  showPath: boolean;
  onTogglePath: () => void;
  onFoldAll: () => void;
  onUnfoldAll: () => void;
};

/** The controls of the trace: which view, the search inside it, what stands out. */
export function WaterfallBar(props: BarProps) {
  const { view, onView, find, onFind, findRef, onLeaveFind, onMatch, onFoldAll, onUnfoldAll } = props;
  const { isZoomed, onToggleZoom, showPath, onTogglePath } = props;
  return (
    <div className={classes["bar"]} role="toolbar" aria-label="Of the trace">
      <Segmented
        label="View"
        value={view}
        onChange={onView}
        options={[
          { value: "waterfall", label: "Waterfall" },
          { value: "graph", label: "Graph" },
        ]}
      />
      <div className={classes["find"]}>
        <TextField
          label="Search in the trace"
          hideLabel
          type="search"
          placeholder="Search in the trace"
          icon={<SearchIcon size={14} />}
          value={find}
          onChange={onFind}
          inputRef={findRef}
          onEnter={() => onMatch(1)}
          onEscape={onLeaveFind}
        />
      </div>
      {find ? <MatchCount {...props} /> : null}
      <span className={classes["spread"]} />
      <SpanCount {...props} />
      {view === "waterfall" ? (
        <>
          <IconButton
            label={isZoomed ? "Show the time of the whole trace" : "Zoom the time axis to the span"}
            pressed={isZoomed}
            onClick={onToggleZoom}
          >
            <ZoomIcon size={14} />
          </IconButton>
          <IconButton label="Critical path: what decided how long it took" pressed={showPath} onClick={onTogglePath}>
            <PathIcon size={14} />
          </IconButton>
          <IconButton label="Fold all" onClick={onFoldAll}>
            <CollapseIcon size={14} />
          </IconButton>
          <IconButton label="Unfold all" onClick={onUnfoldAll}>
            <ExpandIcon size={14} />
          </IconButton>
        </>
      ) : null}
    </div>
  );
}

function MatchCount({ matches, selected, onMatch }: BarProps) {
  const { positions, searching, incomplete } = matches;
  const at = selected === undefined ? -1 : positions.indexOf(selected);
  const count = formatInteger(positions.length);
  return (
    <>
      <span role="status" className={classes["matches"]}>
        {at >= 0 ? `${formatInteger(at + 1)} of ${count}` : `${count} found`}
        {searching ? " …" : incomplete ? " or more" : ""}
      </span>
      <IconButton label="Previous match" disabled={positions.length === 0} onClick={() => onMatch(-1)}>
        <ArrowUpIcon size={14} />
      </IconButton>
      <IconButton label="Next match" disabled={positions.length === 0} onClick={() => onMatch(1)}>
        <ArrowDownIcon size={14} />
      </IconButton>
    </>
  );
}

function SpanCount({ loaded, total, stored, shown, stopped, onReload }: BarProps) {
  if (loaded < total) {
    return (
      <span role="status" className={classes["loading"]}>
        {formatInteger(loaded)} of {plural(total, "span")} {stopped ? "loaded" : "loaded, the rest is on its way"}
        {stopped ? (
          <Button look="quiet" onClick={onReload}>
            {stopped.message} Load again
          </Button>
        ) : null}
      </span>
    );
  }
  if (total < stored) {
    return (
      <span role="status" className={classes["loading"]}>
        the first {formatInteger(total)} of {plural(stored, "span")}
      </span>
    );
  }
  return (
    <span className={classes["total"]}>
      {shown === loaded ? plural(loaded, "span") : `${formatInteger(shown)} of ${plural(loaded, "span")}`}
    </span>
  );
}
