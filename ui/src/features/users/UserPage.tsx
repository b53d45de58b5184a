import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { sessionsQuery, userProfileQuery } from "@/api/activity";
import { ApiError } from "@/api/client";
import type { UserProfile } from "@/api/schema";
import { CopyButton } from "@/kit/CopyButton";
import { DeleteMenu } from "@/kit/DeleteMenu";
import { FactList } from "@/kit/FactList";
import { Cost, Count, Timestamp, Tokens } from "@/kit/Figures";
import { UsersIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { LookAtAllTime } from "@/kit/LookAtAllTime";
import { BackLink, PageHeader } from "@/kit/PageHeader";
import { SessionTable } from "@/kit/SessionTable";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { TimeRangePicker } from "@/kit/TimeRangePicker";
import { rangeOr } from "@/lib/filterSearch";
import { formatInteger } from "@/lib/format";
import { useScrollPlace } from "@/lib/listPlace";
import { useMorePages } from "@/lib/morePages";
import { quoteValue } from "@/lib/queryText";
import type { RangeSearch } from "@/lib/timeRange";
import { GroupTable } from "./GroupTable";
import classes from "./Users.module.css";

const route = getRouteApi("/users/profile");

/** One user: figures, what the user's traces used, and the user's sessions. */
export function UserPage() {
  const search = route.useSearch();
  const { id } = search;
  const navigate = route.useNavigate();
  const range = rangeOr(search, "30d");
  const answer = useQuery({ ...userProfileQuery(id, range), enabled: id !== "" });
  const { data, error, refetch } = answer;
  const showRange = (next: RangeSearch): void => void navigate({ search: { ...next, id } });
  const isUnknown = id === "" || (error instanceof ApiError && error.status === 404);
  return (
    <>
      <PageHeader title={id === "" ? "User" : `User ${id}`}>
        <BackLink to="/users">Users</BackLink>
        <CopyButton text={id} label="Copy the user id" />
        <TimeRangePicker range={range} onChange={showRange} />
        {isUnknown ? null : (
          <DeleteMenu targets={[{ kind: "user", value: id }]} leave={() => navigate({ to: "/users" })} />
        )}
      </PageHeader>
      {isUnknown ? (
        <EmptyState
          icon={<UsersIcon size={22} aria-hidden />}
          title="Nothing of this user here"
          actions={<LookAtAllTime range={range} onRange={showRange} />}
        >
          No trace of this time range names the user.
        </EmptyState>
      ) : error && !data ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data ? (
        <>
          <ListFailure list={answer} what="The user" />
          <Profile profile={data} range={range} />
        </>
      ) : (
        <LoadingRows label="Loading the user" />
      )}
    </>
  );
}

function Profile({ profile, range }: { profile: UserProfile; range: RangeSearch }) {
  const { user, by_app, by_model, more_apps, more_models } = profile;
  const scroller = useScrollPlace(`user ${user.user}`);
  const q = `user:${quoteValue(user.user)}`;
  return (
    <div ref={scroller} className={classes["page"]}>
      <section className={classes["panel"]} aria-label="Figures">
        <FactList
          facts={[
            [
              "Traces",
              <Link key="traces" to="/traces" search={{ ...range, q }} className={classes["link"]}>
                <Count count={user.traces} sampled={user.sampled} />
              </Link>,
            ],
            ["Sessions", formatInteger(user.sessions)],
            [
              "Failed",
              user.errors === 0 ? (
                "0"
              ) : (
                <Link key="failed" to="/traces" search={{ ...range, q: `${q} status:error` }} className={classes["link"]}>
                  {formatInteger(user.errors)}
                </Link>
              ),
            ],
            ["Tokens", <Tokens key="tokens" tokens={user.tokens} />],
            ["Cost", <Cost key="cost" cost={user.cost} />],
            ["First seen", <Timestamp key="first" time={user.first_seen} />],
            ["Last seen", <Timestamp key="last" time={user.last_seen} />],
          ]}
        />
      </section>
      <div className={classes["halves"]}>
        <GroupTable title="By app" field="app" groups={by_app} more={more_apps} user={user.user} query={q} range={range} />
        <GroupTable title="By model" field="model" groups={by_model} more={more_models} user={user.user} query={q} range={range} />
      </div>
      <Sessions query={q} range={range} />
    </div>
  );
}

function Sessions({ query, range }: { query: string; range: RangeSearch }) {
  const list = useInfiniteQuery(sessionsQuery({ ...range, q: query }));
  const sessions = useMemo(() => list.data?.pages.flatMap((page) => page.sessions) ?? [], [list.data]);
  const more = useMorePages(list);
  if (list.error && sessions.length === 0) {
    return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  }
  if (list.isPending) return <LoadingRows rows={4} label="Loading sessions" />;
  if (sessions.length === 0) return <p className={classes["dim"]}>The user's traces name no session.</p>;
  return (
    <section className={classes["sessions"]} aria-label="Sessions of the user">
      <h2 className={classes["heading"]}>Sessions</h2>
      <ListFailure list={list} />
      <SessionTable placeKey={`sessions of ${JSON.stringify([query, range])}`} sessions={sessions} {...(more ? { more } : {})} />
    </section>
  );
}
