import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ApiError } from "@/api/client";
import { serverInfoQuery } from "@/api/server";
import { PageHeader } from "@/kit/PageHeader";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { TraceView } from "./TraceView";
import { useTrace } from "./useTrace";

const route = getRouteApi("/t/$traceId");

/** One trace, while it is on its way, when it is there and when it is not. */
export function TracePage() {
  const { traceId } = route.useParams();
  const { trace, error, refetch } = useTrace(traceId);
  if (trace) return <TraceView key={traceId} trace={trace} onReload={refetch} />;
  return (
    <>
      <PageHeader title="Trace" />
      {!error ? <LoadingRows rows={12} label="Loading the trace" /> : null}
      {error instanceof ApiError && error.status === 404 ? <UnknownTrace traceId={traceId} /> : null}
      {error && !(error instanceof ApiError && error.status === 404) ? (
        <ErrorState error={error} retry={refetch} />
      ) : null}
    </>
  );
}

function UnknownTrace({ traceId }: { traceId: string }) {
  const { data: info } = useQuery(serverInfoQuery());
  return (
    <EmptyState title="No such trace">
      <p>
        <code>{traceId}</code> is not stored. Either its retention has passed, or its spans have not arrived yet: then
        it is shown as soon as they have.
      </p>
      {info?.key_required ? (
        <p>
          You look at project <b>{info.project}</b>. A trace of another one is shown to whoever signs in with a key of that.
        </p>
      ) : null}
      <p>
        <Link to="/traces">All traces</Link>
      </p>
    </EmptyState>
  );
}
