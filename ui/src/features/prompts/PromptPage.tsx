import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { promptsQuery } from "@/api/activity";
import type { Prompt } from "@/api/schema";
import { Button } from "@/kit/Button";
import { CloseIcon, PromptsIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { LookAtAllTime } from "@/kit/LookAtAllTime";
import { MoreNote } from "@/kit/MoreNote";
import { BackLink, PageHeader } from "@/kit/PageHeader";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { TimeRangePicker } from "@/kit/TimeRangePicker";
import { type FilterSearch, rangeOf, rangeOr } from "@/lib/filterSearch";
import { addCondition } from "@/lib/queryText";
import type { RangeSearch } from "@/lib/timeRange";
import classes from "./Prompts.module.css";
import { VersionTable } from "./VersionTable";
import { cutInWords } from "./versions";

const route = getRouteApi("/prompts/versions");

/** One prompt: its versions side by side. */
export function PromptPage() {
  const search = route.useSearch();
  const { id } = search;
  const navigate = route.useNavigate();
  const range = rangeOr(search, "30d");
  const narrowed = search.q ? { q: search.q } : {};
  const showRange = (next: RangeSearch): void => void navigate({ search: { ...next, ...narrowed, id } });
  const ofPrompt = { ...range, q: addCondition(search.q ?? "", "prompt", id) };
  const answer = useQuery({ ...promptsQuery(ofPrompt), enabled: id !== "" });
  const { data, error, refetch } = answer;
  return (
    <>
      <PageHeader title={id === "" ? "Prompt" : `Prompt ${id}`}>
        <BackLink to="/prompts">Prompts</BackLink>
        <TimeRangePicker range={range} onChange={showRange} />
      </PageHeader>
      {search.q ? (
        <div className={classes["narrowed"]}>
          <Button
            icon={<CloseIcon size={14} />}
            aria-label={`Not only ${search.q}`}
            onClick={() => void navigate({ search: { ...rangeOf(search), id } })}
          >
            {`only ${search.q}`}
          </Button>
        </div>
      ) : null}
      {error && !data ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data || id === "" ? (
        <>
          <ListFailure list={answer} what="The prompt" />
          <MoreNote more={data?.more}>{cutInWords(data?.prompts ?? [])}</MoreNote>
          <Versions prompt={data?.prompts.find(({ prompt }) => prompt === id)} filter={{ ...range, ...narrowed }} onRange={showRange} />
        </>
      ) : (
        <LoadingRows label="Loading the prompt" />
      )}
    </>
  );
}

type VersionsProps = { prompt: Prompt | undefined; filter: FilterSearch; onRange: (range: RangeSearch) => void };

function Versions({ prompt, filter, onRange }: VersionsProps) {
  if (!prompt) {
    return (
      <EmptyState
        icon={<PromptsIcon size={22} aria-hidden />}
        title="No call with this prompt"
        actions={<LookAtAllTime range={filter} onRange={onRange} />}
      >
        No model call of this time range names it.
      </EmptyState>
    );
  }
  return (
    <div className={classes["page"]} tabIndex={0} role="region" aria-label="Versions">
      <VersionTable prompt={prompt} filter={filter} />
    </div>
  );
}
