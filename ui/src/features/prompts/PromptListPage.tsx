import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { promptsQuery } from "@/api/activity";
import type { Prompt, PromptVersion } from "@/api/schema";
import { ErrorShare } from "@/kit/ErrorShare";
import { Cost, Count, Timestamp } from "@/kit/Figures";
import { FilteredPage } from "@/kit/FilteredPage";
import { PromptsIcon } from "@/kit/icons";
import { MoreNote } from "@/kit/MoreNote";
import type { TableColumn } from "@/kit/table/columns";
import { RowLink } from "@/kit/table/RowLink";
import { VirtualTable } from "@/kit/table/VirtualTable";
import { filterOf, type FilterSearch, shownRange } from "@/lib/filterSearch";
import { formatDuration, plural } from "@/lib/format";
import { MeanScores } from "./MeanScores";
import classes from "./Prompts.module.css";
import { cutInWords, versionName } from "./versions";

const route = getRouteApi("/prompts");
const NO_PROMPTS: readonly Prompt[] = [];

/** Named prompts with the figures of all their versions, and times and scores of the one that was used last. */
export function PromptListPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useQuery(promptsQuery(search));
  const prompts = list.data?.prompts ?? NO_PROMPTS;
  const columns = useMemo(() => columnsFor(shownFilter(search)), [search]);
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
        minWidth={964}
        onOpen={({ prompt }) => void navigate({ to: "/prompts/versions", search: { ...shownFilter(search), id: prompt } })}
      />
    </FilteredPage>
  );
}

/** What the list is about, for the page of one of its prompts. */
function shownFilter(search: FilterSearch): FilterSearch {
  return { ...filterOf(search), ...shownRange(search) };
}

/** A cell about the version that was used last; a prompt has at least one. */
function ofNewest(cell: (newest: PromptVersion) => React.ReactNode): (prompt: Prompt) => React.ReactNode {
  return ({ versions: [newest] }) => (newest ? cell(newest) : null);
}

function columnsFor(filter: FilterSearch): readonly TableColumn<Prompt>[] {
  return [
    {
      id: "prompt",
      label: "Prompt",
      width: "minmax(124px, 1.2fr)",
      phone: "1 / 1",
      cell: ({ prompt }) => (
        <RowLink
          to="/prompts/versions"
          search={{ ...filter, id: prompt }}
          title={prompt}
        >
          {prompt}
        </RowLink>
      ),
    },
    {
      id: "calls",
      label: "Calls",
      width: "64px",
      figure: true,
      cell: ({ calls, sampled }) => <Count count={calls} sampled={sampled} />,
    },
    {
      id: "errors",
      label: "Errors",
      width: "88px",
      figure: true,
      phone: "1 / 2",
      cell: ({ errors, calls }) => <ErrorShare errors={errors} of={calls} noun="call" />,
    },
    {
      id: "cost",
      label: "Cost",
      width: "88px",
      figure: true,
      phone: "2 / 2",
      cell: ({ cost }) => <Cost cost={cost} />,
    },
    {
      id: "version",
      label: "Version in use",
      width: "minmax(104px, 0.6fr)",
      cell: ({ versions }) => <VersionInUse versions={versions} />,
    },
    {
      id: "p50",
      label: "its median",
      width: "66px",
      figure: true,
      cell: ofNewest(({ p50_ns }) => formatDuration(p50_ns)),
    },
    {
      id: "p95",
      label: "its p95",
      width: "64px",
      figure: true,
      cell: ofNewest(({ p95_ns }) => formatDuration(p95_ns)),
    },
    {
      id: "scores",
      label: "its mean scores",
      width: "minmax(94px, 1fr)",
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

function VersionInUse({ versions: [newest, ...others] }: Pick<Prompt, "versions">) {
  if (!newest) return null;
  const name = versionName(newest.version);
  const rest = others.length > 0 ? `and ${plural(others.length, "other")}` : "";
  return (
    <span title={`${name} ${rest}`.trim()}>
      {name} <span className={classes["dim"]}>{rest}</span>
    </span>
  );
}
