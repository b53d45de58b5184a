import { ApiError } from "@/api/client";
import { KeyIcon } from "@/kit/icons";
import { EmptyState, ErrorState } from "@/kit/States";

/** Why there is nothing to show. That somebody may not see it is no error of theirs or ours. */
export function Refusal({ error, retry }: { error: Error; retry: () => void }) {
  if (!(error instanceof ApiError && error.status === 403)) return <ErrorState error={error} retry={retry} />;
  return (
    <EmptyState icon={<KeyIcon size={22} aria-hidden />} title="Not with this key">
      The server says: {error.message}.
    </EmptyState>
  );
}
