import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { decideFailure, dismissSuggestion, failureSuggestionsQuery } from "@/api/failures";
import type { FailureSuggestion } from "@/api/schema";
import { Button } from "@/kit/Button";
import { CheckIcon, CloseIcon } from "@/kit/icons";
import { plural } from "@/lib/format";
import classes from "./Failures.module.css";

/** Pairs that may have one cause: a person says whether they do. */
export function MergeSuggestions() {
  const { data } = useQuery(failureSuggestionsQuery());
  const suggestions = data?.suggestions ?? [];
  if (suggestions.length === 0) return null;
  return (
    <details className={classes["suggestions"]}>
      <summary>
        {plural(suggestions.length, "pair")}
        {data?.more ? " or more" : ""} that may have the same cause
      </summary>
      <ul>
        {suggestions.map((suggestion) => (
          <Suggestion key={`${suggestion.cluster} ${suggestion.other}`} suggestion={suggestion} />
        ))}
      </ul>
    </details>
  );
}

function Suggestion({ suggestion }: { suggestion: FailureSuggestion }) {
  const queries = useQueryClient();
  const { cluster, other } = suggestion;
  const onSettled = (): Promise<void> => queries.invalidateQueries({ queryKey: ["failures"] });
  // The older cluster keeps its name: links to it are out there.
  const merge = useMutation({ mutationFn: () => decideFailure(other, { action: "merge", other: cluster }), onSettled });
  const dismiss = useMutation({ mutationFn: () => dismissSuggestion(cluster, other), onSettled });
  const error = merge.error ?? dismiss.error;
  return (
    <li>
      <span className={classes["pair"]}>
        <ClusterLink id={other} title={suggestion.other_title} />
        <ClusterLink id={cluster} title={suggestion.title} />
      </span>
      <span className={classes["alike"]}>{Math.round(suggestion.similarity * 100)}% alike</span>
      <Button icon={<CheckIcon size={14} />} busy={merge.isPending} onClick={() => merge.mutate()}>
        Merge
      </Button>
      <Button icon={<CloseIcon size={14} />} busy={dismiss.isPending} onClick={() => dismiss.mutate()}>
        Dismiss
      </Button>
      {error ? <span role="alert">{error.message}</span> : null}
    </li>
  );
}

function ClusterLink({ id, title }: { id: string; title: string }) {
  return (
    <Link to="/failures/$cluster" params={{ cluster: id }} search={{}} title={title}>
      {title}
    </Link>
  );
}
