import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { serverInfoQuery } from "@/api/server";
import { FirstRun } from "./FirstRun";
import { TraceList } from "./TraceList";

/** The traces; before the first span has ever arrived, what to do about that. */
export function TraceListPage() {
  const { data: info } = useQuery(serverInfoQuery());
  const [wasEmpty, setWasEmpty] = useState(false);
  if (info && !info.has_spans && !wasEmpty) setWasEmpty(true);
  return info && wasEmpty ? <FirstRun info={info} /> : <TraceList />;
}
