import { useQuery } from "@tanstack/react-query";
import { serverInfoQuery } from "@/api/server";
import { FirstRun } from "./FirstRun";
import { TraceList } from "./TraceList";

/** The traces; before the first span has ever arrived, what to do about that. */
export function TraceListPage() {
  const { data: info } = useQuery(serverInfoQuery());
  return info && !info.has_spans ? <FirstRun info={info} /> : <TraceList />;
}
