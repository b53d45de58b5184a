import { Button } from "./Button";
import { ErrorIcon } from "./icons";
import classes from "./ListFailure.module.css";

type Listing = {
  isFetching: boolean;
  error: Error | null;
  refetch: () => unknown;
  /** Whether the error is about the next page, and not about the rows that are shown. */
  isFetchNextPageError?: boolean;
  fetchNextPage?: () => unknown;
};

/** Above a list, or `what` else: that its rows are not all, or not as of now. */
export function ListFailure({ list, what = "The list" }: { list: Listing; what?: string }) {
  if (!list.error) return null;
  const fetchMore = list.isFetchNextPageError ? list.fetchNextPage : undefined;
  return (
    <div className={classes["failure"]} role="alert">
      <ErrorIcon size={14} aria-hidden />
      <p>
        {fetchMore ? "No more could be loaded" : `${what} could not be refreshed`}: {list.error.message}
      </p>
      <Button look="quiet" busy={list.isFetching} onClick={() => void (fetchMore ?? list.refetch)()}>
        Try again
      </Button>
    </div>
  );
}
