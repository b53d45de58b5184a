import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { promptsQuery } from "@/api/activity";
import type { Prompt, PromptVersion } from "@/api/schema";
import { ErrorShare } from "@/kit/ErrorShare";
import { Cost, Timestamp } from "@/kit/Figures";
import { FilteredPage } from "@/kit/FilteredPage";
import { PromptsIcon } from "@/kit/icons";
import { MoreNote } from "@/kit/MoreNote";
import type { TableColumn } from "@/kit/table/columns";
import { RowLink } from "@/kit/table/RowLink";
import { VirtualTable } from "@/kit/table/VirtualTable";
import { rangeOf } from "@/lib/filterSearch";
import { formatDuration, formatInteger } from "@/lib/format";
import type { RangeSearch } from "@/lib/timeRange";
import { MeanScores } from "./MeanScores";
import { cutInWords, versionName } from "./versions";

const route = getRouteApi("/prompts");
const NO_PROMPTS: readonly Prompt[] = [];

/** Named prompts with the figures of the version that was used last. */
export function PromptListPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useQuery(promptsQuery(search));
  const prompts = list.data?.prompts ?? NO_PROMPTS;
  const columns = useMemo(() => columnsFor(rangeOf(search)), [search]);
  return (
    <FilteredPage
      title="Prompts"
      page="prompts"
      placeholder="app:support model:gpt-4o*"
      search={search}
      onSearch={(next) => void navigate({ search: next })}
      list={list}
      empty={{
        is: prompts.length === 0,
        icon: <PromptsIcon size={22} aria-hidden />,
        title: "No named prompts here",
        text: "No model call of this time range names its prompt. In an app:",
        code: 'with sightline.context(prompt={"name": "greeting", "version": "2"}):\n    …',
      }}
    >
      <MoreNote more={list.data?.more}>{cutInWords(prompts)}</MoreNote>
      <VirtualTable
        key={JSON.stringify(search)}
        placeKey={`prompts ${JSON.stringify(search)}`}
        label="Prompts"
        rows={prompts}
        columns={columns}
        idOf={({ prompt }) => prompt}
        noun="prompt"
        minWidth={1186}
        onOpen={({ prompt }) => void navigate({ to: "/prompts/versions", search: { ...rangeOf(search), id: prompt } })}
      />
    </FilteredPage>
  );
}

type NewestCell = (newest: PromptVersion) => React.ReactNode;

/** A cell about the version that was used last; a prompt has at least one. */
function ofNewest(cell: NewestCell): (prompt: Prompt) => React.ReactNode {
  return ({ versions: [newest] }) => (newest ? cell(newest) : null);
}

function columnsFor(range: RangeSearch): readonly TableColumn<Prompt>[] {
  return [
    {
      id: "prompt",
      label: "Prompt",
      width: "minmax(150px, 1.2fr)",
      phone: "1 / 1",
      cell: ({ prompt }) => (
        <RowLink
          to="/prompts/versions"
          search={{ ...range, id: prompt }}
          title={prompt}
        >
          {prompt}
        </RowLink>
      ),
    },
    {
      id: "versions",
      label: "Versions",
      width: "64px",
      figure: true,
      cell: ({ versions }) => formatInteger(versions.length),
    },
    {
      id: "version",
      label: "Version in use",
      width: "minmax(90px, 0.5fr)",
      cell: ofNewest(({ version }) => versionName(version)),
    },
    {
      id: "calls",
      label: "Calls",
      width: "70px",
      figure: true,
      cell: ofNewest(({ calls }) => formatInteger(calls)),
    },
    {
      id: "errors",
      label: "Errors",
      width: "90px",
      figure: true,
      phone: "1 / 2",
      cell: ofNewest(({ errors, calls }) => <ErrorShare errors={errors} of={calls} noun="call" />),
    },
    {
      id: "p50",
      label: "Median",
      width: "76px",
      figure: true,
      cell: ofNewest(({ p50_ns }) => formatDuration(p50_ns)),
    },
    {
      id: "p95",
      label: "p95",
      width: "76px",
      figure: true,
      cell: ofNewest(({ p95_ns }) => formatDuration(p95_ns)),
    },
    {
      id: "cost",
      label: "Cost",
      width: "88px",
      figure: true,
      phone: "2 / 2",
      cell: ofNewest(({ cost }) => <Cost cost={cost} />),
    },
    {
      id: "scores",
      label: "Mean scores",
      width: "minmax(200px, 1fr)",
      cell: ofNewest(({ scores }) => <MeanScores scores={scores} most={2} />),
    },
    {
      id: "last",
      label: "Last used",
      width: "124px",
      dim: true,
      phone: "2 / 1",
      cell: ({ last_seen }) => <Timestamp time={last_seen} shape="list" />,
    },
  ];
}
