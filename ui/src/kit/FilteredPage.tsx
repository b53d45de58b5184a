import { useQueryClient } from "@tanstack/react-query";
import type { ComponentProps, ReactNode } from "react";
import { ApiError } from "@/api/client";
import { fetchQueryCompletion } from "@/api/query";
import type { ViewPage } from "@/api/views";
import { type FilterSearch, rangeOf } from "@/lib/filterSearch";
import { Button, IconButton } from "./Button";
import { CodeBlock } from "./CodeBlock";
import classes from "./FilteredPage.module.css";
import { RefreshIcon } from "./icons";
import { ListFailure } from "./ListFailure";
import { PageHeader } from "./PageHeader";
import { QueryBar } from "./query/QueryBar";
import { SavedViews } from "./SavedViews";
import { EmptyState, ErrorState, LoadingRows } from "./States";
import { TimeRangePicker } from "./TimeRangePicker";

type Listing = ComponentProps<typeof ListFailure>["list"] & { isPending: boolean };

type PageProps = {
  title: string;
  page: ViewPage;
  placeholder: string;
  search: FilterSearch;
  onSearch: (search: FilterSearch) => void;
  list: Listing;
  /** Shown instead of the children when the list has nothing in it. */
  empty: {
    is: boolean;
    icon: ReactNode;
    title: string;
    text: ReactNode;
    /** What an app has to say for there to be something. */
    code?: string;
  };
  children: ReactNode;
};

/** A list that a time range and a query narrow, or why there is nothing in it. */
export function FilteredPage(props: PageProps) {
  const { title, page, placeholder, search, onSearch, list } = props;
  const client = useQueryClient();
  const fault = list.error instanceof ApiError ? list.error.queryFault : null;
  const runQuery = (q: string): void => {
    const range = rangeOf(search);
    // The same query again means: look again.
    if (q === (search.q ?? "")) void list.refetch();
    else onSearch(q === "" ? range : { ...range, q });
  };
  return (
    <>
      <PageHeader title={title}>
        <SavedViews page={page} />
        <TimeRangePicker
          range={search}
          onChange={(range) => onSearch(search.q ? { ...range, q: search.q } : range)}
        />
        <IconButton label="Refresh" onClick={() => void list.refetch()}>
          <RefreshIcon size={15} />
        </IconButton>
      </PageHeader>
      <div className={classes["query"]}>
        <QueryBar
          label="Query"
          placeholder={placeholder}
          value={search.q ?? ""}
          onRun={runQuery}
          complete={(query, position) => fetchQueryCompletion(client, query, position, rangeOf(search))}
          fault={fault}
        />
      </div>
      <Body {...props} faulty={fault !== null} />
    </>
  );
}

function Body({ title, search, onSearch, list, empty, children, faulty }: PageProps & { faulty: boolean }) {
  const clear = (): void => onSearch(rangeOf(search));
  if (faulty) {
    return (
      <EmptyState title="The query cannot be read" actions={<Button onClick={clear}>Clear the query</Button>}>
        The bar above marks the place and says what could stand there.
      </EmptyState>
    );
  }
  if (list.isPending) return <LoadingRows rows={12} label={`Loading ${title.toLowerCase()}`} />;
  if (list.error && empty.is) return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  if (!empty.is) {
    return (
      <>
        <ListFailure list={list} />
        {children}
      </>
    );
  }
  const { q } = search;
  return (
    <EmptyState
      icon={empty.icon}
      title={empty.title}
      actions={
        <>
          {search.since === "all" ? null : (
            <Button onClick={() => onSearch(q ? { since: "all", q } : { since: "all" })}>Look at all time</Button>
          )}
          {q ? <Button onClick={clear}>Clear the query</Button> : null}
        </>
      }
    >
      {q ? "Nothing in this time range matches the query." : empty.text}
      {empty.code && !q ? (
        <div className={classes["code"]}>
          <CodeBlock label="code for an app" code={empty.code} />
        </div>
      ) : null}
    </EmptyState>
  );
}
