import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { neighboursQuery } from "@/api/traces";
import type { TraceSummary } from "@/api/schema";
import { ChevronLeftIcon, ChevronRightIcon } from "@/kit/icons";
import { useShortcuts } from "@/lib/shortcuts";
import classes from "./TraceHeader.module.css";

/** The traces before and after this one in its session. */
export function SessionNeighbours({ traceId }: { traceId: string }) {
  const { data } = useQuery(neighboursQuery(traceId));
  const navigate = useNavigate();
  const goTo = (trace: TraceSummary | null | undefined): void => {
    if (trace) void navigate({ to: "/t/$traceId", params: { traceId: trace.trace_id } });
  };
  useShortcuts([
    { key: "[", label: "Previous trace of the session", run: () => goTo(data?.previous) },
    { key: "]", label: "Next trace of the session", run: () => goTo(data?.next) },
  ]);
  return (
    <span className={classes["neighbours"]}>
      <Neighbour trace={data?.previous} label="Previous trace of the session" icon={<ChevronLeftIcon size={15} aria-hidden />} />
      <Neighbour trace={data?.next} label="Next trace of the session" icon={<ChevronRightIcon size={15} aria-hidden />} />
    </span>
  );
}

type NeighbourProps = { trace: TraceSummary | null | undefined; label: string; icon: React.ReactNode };

function Neighbour({ trace, label, icon }: NeighbourProps) {
  if (!trace) return null;
  return (
    <Link
      to="/t/$traceId"
      params={{ traceId: trace.trace_id }}
      className={classes["neighbour"]}
      aria-label={label}
      title={`${label}: ${trace.name}`}
    >
      {icon}
    </Link>
  );
}
