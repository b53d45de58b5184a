import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { promptsQuery } from "@/api/activity";
import type { Prompt } from "@/api/schema";
import { PromptsIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { LookAtAllTime } from "@/kit/LookAtAllTime";
import { MoreNote } from "@/kit/MoreNote";
import { BackLink, PageHeader } from "@/kit/PageHeader";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { TimeRangePicker } from "@/kit/TimeRangePicker";
import { rangeOr } from "@/lib/filterSearch";
import { quoteValue } from "@/lib/queryText";
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
  const showRange = (next: RangeSearch): void => void navigate({ search: { ...next, id } });
  const filter = { ...range, q: `prompt:${quoteValue(id)}` };
  const answer = useQuery({ ...promptsQuery(filter), enabled: id !== "" });
  const { data, error, refetch } = answer;
  return (
    <>
      <PageHeader title={id === "" ? "Prompt" : `Prompt ${id}`}>
        <BackLink to="/prompts">Prompts</BackLink>
        <TimeRangePicker range={range} onChange={showRange} />
      </PageHeader>
      {error && !data ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data || id === "" ? (
        <>
          <ListFailure list={answer} what="The prompt" />
          <MoreNote more={data?.more}>{cutInWords(data?.prompts ?? [])}</MoreNote>
          <Versions prompt={data?.prompts.find(({ prompt }) => prompt === id)} range={range} onRange={showRange} />
        </>
      ) : (
        <LoadingRows label="Loading the prompt" />
      )}
    </>
  );
}

type VersionsProps = { prompt: Prompt | undefined; range: RangeSearch; onRange: (range: RangeSearch) => void };

function Versions({ prompt, range, onRange }: VersionsProps) {
  if (!prompt) {
    return (
      <EmptyState
        icon={<PromptsIcon size={22} aria-hidden />}
        title="No call with this prompt"
        actions={<LookAtAllTime range={range} onRange={onRange} />}
      >
        No model call of this time range names it.
      </EmptyState>
    );
  }
  return (
    <div className={classes["page"]} tabIndex={0} role="region" aria-label="Versions">
      <VersionTable prompt={prompt} range={range} />
    </div>
  );
}
