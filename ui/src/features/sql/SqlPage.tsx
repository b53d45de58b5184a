import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { sqlQuery } from "@/api/sql";
import { Button } from "@/kit/Button";
import { SqlIcon } from "@/kit/icons";
import { PageHeader } from "@/kit/PageHeader";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { keepText, textAt } from "./draft";
import { EXAMPLES } from "./examples";
import classes from "./Sql.module.css";
import { SqlEditor } from "./SqlEditor";
import { SqlResult } from "./SqlResult";
import { TableList } from "./TableList";

const route = getRouteApi("/sql");

/** Read-only SQL over the project's own rows. */
export function SqlPage() {
  const { sql = "" } = route.useSearch();
  const [text, setText] = useState(() => textAt(sql));
  const [shown, setShown] = useState(sql);
  // Back and forward change the query without the editor.
  if (shown !== sql) {
    setShown(sql);
    setText(textAt(sql));
  }
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const answer = useQuery(sqlQuery(sql));
  const type = (typed: string): void => {
    setText(typed);
    keepText(sql, typed);
  };
  const run = (query: string): void => {
    if (query === text) keepText(sql, sql);
    setText(query);
    if (query.trim() === sql) void client.resetQueries({ queryKey: sqlQuery(sql).queryKey });
    else void navigate({ search: query.trim() === "" ? {} : { sql: query.trim() } });
  };
  return (
    <>
      <PageHeader title="SQL" />
      <div className={classes["page"]}>
        <SqlEditor
          text={text}
          running={answer.isFetching}
          onChange={type}
          onRun={() => run(text)}
          onStop={() => void client.cancelQueries({ queryKey: sqlQuery(sql).queryKey })}
        />
        <TableList />
        <div className={classes["answer"]}>
          {sql === "" ? <Beginning onChoose={run} /> : null}
          {answer.isFetching ? <LoadingRows label="Running the query" /> : null}
          {sql !== "" && answer.isPending && !answer.isFetching ? <Stopped /> : null}
          {answer.error && !answer.isFetching ? <ErrorState error={answer.error} /> : null}
          {answer.data && !answer.isFetching ? <SqlResult answer={answer.data} /> : null}
        </div>
      </div>
    </>
  );
}

/** A run that was stopped leaves the question without an answer. */
function Stopped() {
  return (
    <div role="status">
      <EmptyState icon={<SqlIcon size={22} aria-hidden />} title="Stopped">
        The query was stopped before it had an answer.
      </EmptyState>
    </div>
  );
}

function Beginning({ onChoose }: { onChoose: (sql: string) => void }) {
  return (
    <EmptyState
      icon={<SqlIcon size={22} aria-hidden />}
      title="Ask with a SELECT"
      actions={EXAMPLES.map(({ title, sql }) => (
        <Button key={title} onClick={() => onChoose(sql)}>
          {title}
        </Button>
      ))}
    >
      One SELECT in ClickHouse’s SQL over the rows of this project. Nothing can be changed here.
    </EmptyState>
  );
}
