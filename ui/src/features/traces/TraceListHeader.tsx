import { IconButton } from "@/kit/Button";
import { ChartIcon, RefreshIcon } from "@/kit/icons";
import { PageHeader } from "@/kit/PageHeader";
import { SavedViews } from "@/kit/SavedViews";
import { Segmented } from "@/kit/Segmented";
import { TimeRangePicker } from "@/kit/TimeRangePicker";
import { usePreferences } from "@/lib/preferences";
import { ColumnChooser } from "./ColumnChooser";
import { DownloadTraces } from "./DownloadTraces";
import { LiveButton } from "./LiveButton";
import { filterOf, type TraceListSearch, without, withRange } from "./search";

const VIEWS = [
  { value: "list", label: "List" },
  { value: "groups", label: "Groups" },
] as const;
const FIRST_GROUPING = "model";

type HeaderProps = {
  search: TraceListSearch;
  onShow: (search: TraceListSearch) => void;
  onRefresh: () => void;
};

/** The controls of the list. */
export function TraceListHeader({ search, onShow, onRefresh }: HeaderProps) {
  const [{ histogramShown }, changePreferences] = usePreferences();
  const { by, live = false } = search;
  const still = without(search, "live");
  // New traces come on top, so a live list is in order of time and goes on until now.
  const toggleLive = (): void => onShow(live ? still : { ...without(search, "sort", "end"), live: true });
  return (
    <PageHeader title="Traces">
      <Segmented
        label="View"
        value={by === undefined ? "list" : "groups"}
        options={VIEWS}
        onChange={(view) => onShow(view === "groups" ? { ...still, by: FIRST_GROUPING } : without(still, "by"))}
      />
      <SavedViews page="traces" />
      {by === undefined ? <LiveButton live={live} onToggle={toggleLive} /> : null}
      <TimeRangePicker range={search} onChange={(range) => onShow(withRange(range.end ? still : search, range))} />
      <IconButton
        label={histogramShown ? "Hide the histogram" : "Show the histogram"}
        pressed={histogramShown}
        onClick={() => changePreferences({ histogramShown: !histogramShown })}
      >
        <ChartIcon size={15} />
      </IconButton>
      {by === undefined ? (
        <>
          <ColumnChooser />
          <DownloadTraces filter={filterOf(search)} />
        </>
      ) : null}
      <IconButton label="Refresh" onClick={onRefresh}>
        <RefreshIcon size={15} />
      </IconButton>
    </PageHeader>
  );
}
