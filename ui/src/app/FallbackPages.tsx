import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { PageHeader } from "@/kit/PageHeader";
import { EmptyState, ErrorState } from "@/kit/States";
import { isMissingCode, loadAgain, loadAgainOnce } from "./missingCode";

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

/** For a fault of the page itself, and for code of it that cannot be fetched. */
export function RouteErrorPage({ error, reset }: { error: Error; reset: () => void }) {
  const isMissing = isMissingCode(error);
  useEffect(() => {
    if (!isMissing) return undefined;
    void loadAgainOnce();
    const onOnline = (): void => void loadAgain();
    window.addEventListener("online", onOnline);
    return () => window.removeEventListener("online", onOnline);
  }, [isMissing]);
  // A browser does not ask again for a script that it could not get.
  return <ErrorState error={error} retry={isMissing ? () => void loadAgain() : reset} />;
}
