import { getRouteApi } from "@tanstack/react-router";
import { ApiError } from "@/api/client";
import { PageHeader } from "@/kit/PageHeader";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { ChooseTraces } from "./ChooseTraces";
import { CompareView } from "./CompareView";
import { useTraceDiff } from "./useTraceDiff";

const route = getRouteApi("/compare");

/** Two traces beside each other. */
export function ComparePage() {
  const { left, right } = route.useSearch();
  if (left && right) return <Comparison key={`${left} ${right}`} left={left} right={right} />;
  return (
    <>
      <PageHeader title="Compare" />
      <ChooseTraces left={left ?? ""} right={right ?? ""} />
    </>
  );
}

function Comparison({ left, right }: { left: string; right: string }) {
  const { diff, steps, error, refetch } = useTraceDiff(left, right);
  if (diff) return <CompareView diff={diff} steps={steps} stopped={error} onReload={refetch} />;
  return (
    <>
      <PageHeader title="Compare" />
      {error instanceof ApiError && error.status === 404 ? (
        <EmptyState title="One of the traces is not stored">
          <p>{error.message}</p>
        </EmptyState>
      ) : error ? (
        <ErrorState error={error} retry={refetch} />
      ) : (
        <LoadingRows rows={12} label="Comparing the traces" />
      )}
    </>
  );
}
