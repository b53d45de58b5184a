import { Link } from "@tanstack/react-router";
import { PageHeader } from "@/kit/PageHeader";
import { EmptyState, ErrorState } from "@/kit/States";

/** For an address that leads nowhere. */
export function NotFoundPage() {
  return (
    <>
      <PageHeader title="Not found" />
      <EmptyState title="There is no such page">
        <Link to="/traces">Go to the traces</Link>
      </EmptyState>
    </>
  );
}

/** For a fault of the page itself. */
export function RouteErrorPage({ error, reset }: { error: Error; reset: () => void }) {
  return <ErrorState error={error} retry={reset} />;
}
