import type { RangeSearch } from "@/lib/timeRange";
import { Button } from "./Button";

/** In an empty state: the way to all time, unless that is what is looked at. */
export function LookAtAllTime({ range, onRange }: { range: RangeSearch; onRange: (range: RangeSearch) => void }) {
  return range.since === "all" ? null : <Button onClick={() => onRange({ since: "all" })}>Look at all time</Button>;
}
