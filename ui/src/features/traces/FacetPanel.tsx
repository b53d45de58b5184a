import { lazy, Suspense } from "react";
import type { TraceFilter } from "@/api/traceList";
import { FacetSidebar } from "./FacetSidebar";
import classes from "./TraceList.module.css";


const Dialog = lazy(() => import("@/kit/Dialog").then(({ Dialog: found }) => ({ default: found })));

type PanelProps = {
  filter: TraceFilter;
  onQuery: (query: string) => void;
  /** Over the list instead of beside it. */
  asDialog: boolean;
  onClose: () => void;
};

/** The facets where there is room for them. */
export function FacetPanel({ filter, onQuery, asDialog, onClose }: PanelProps) {
  const facets = <FacetSidebar filter={filter} onQuery={onQuery} />;
  if (!asDialog) {
    return (
      <aside className={classes["facets"]} aria-label="Filters">
        {facets}
      </aside>
    );
  }
  return (
    <Suspense>
      <Dialog open onClose={onClose} title="Filters">
        {facets}
      </Dialog>
    </Suspense>
  );
}
