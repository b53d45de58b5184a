import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { conversationQuery } from "@/api/activity";
import { ApiError } from "@/api/client";
import type { Conversation } from "@/api/schema";
import { CopyButton } from "@/kit/CopyButton";
import { DeleteMenu } from "@/kit/DeleteMenu";
import { FactList } from "@/kit/FactList";
import { Cost, Count, Timestamp, Tokens } from "@/kit/Figures";
import { SessionsIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { LookAtAllTime } from "@/kit/LookAtAllTime";
import { MoreNote } from "@/kit/MoreNote";
import { BackLink, PageHeader } from "@/kit/PageHeader";
import { ScoreBadge } from "@/kit/ScoreBadge";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import { TimeRangePicker } from "@/kit/TimeRangePicker";
import { rangeOr } from "@/lib/filterSearch";
import { formatDuration, formatInteger, formatNames, moreOf } from "@/lib/format";
import { useMorePages } from "@/lib/morePages";
import { quoteValue } from "@/lib/queryText";
import type { RangeSearch } from "@/lib/timeRange";
import classes from "./Conversation.module.css";
import { Turns } from "./Turns";

const route = getRouteApi("/sessions/conversation");
const NS_PER_MS = 1_000_000;

/** One session from its first turn to its last. */
export function ConversationPage() {
  const search = route.useSearch();
  const { id } = search;
  const navigate = route.useNavigate();
  const range = rangeOr(search, "all");
  const query = useInfiniteQuery({ ...conversationQuery(id, range), enabled: id !== "" });
  const turns = useMemo(() => query.data?.pages.flatMap((page) => page.turns) ?? [], [query.data]);
  const more = useMorePages(query);
  const first = query.data?.pages[0];
  const placeKey = `turns ${JSON.stringify([id, range])}`;
  const showRange = (next: RangeSearch): void => void navigate({ search: { id, ...next } });
  const isUnknown = id === "" || (query.error instanceof ApiError && query.error.status === 404);
  return (
    <>
      <PageHeader title={id === "" ? "Session" : `Session ${id}`}>
        <BackLink to="/sessions">Sessions</BackLink>
        <CopyButton text={id} label="Copy the session id" />
        <TimeRangePicker range={range} onChange={showRange} />
        {isUnknown ? null : (
          <DeleteMenu targets={[{ kind: "session", value: id }]} leave={() => navigate({ to: "/sessions" })} />
        )}
      </PageHeader>
      {isUnknown ? (
        <EmptyState
          icon={<SessionsIcon size={22} aria-hidden />}
          title="No such session"
          actions={<LookAtAllTime range={range} onRange={showRange} />}
        >
          No trace of this time range names it.
        </EmptyState>
      ) : query.error && !first ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : first ? (
        <>
          <SessionFacts conversation={first} range={range} />
          <ListFailure list={query} />
          <MoreNote more={query.data?.pages.some(({ more_scores }) => more_scores)}>
            Only the newest scores are shown; a trace has all of its own.
          </MoreNote>
          <Turns key={placeKey} placeKey={placeKey} turns={turns} {...(more ? { more } : {})} />
        </>
      ) : (
        <LoadingRows label="Loading the session" />
      )}
    </>
  );
}

function SessionFacts({ conversation, range }: { conversation: Conversation; range: RangeSearch }) {
  const { session, scores } = conversation;
  const lasted = (Date.parse(session.last_seen) - Date.parse(session.first_seen)) * NS_PER_MS;
  return (
    <div className={classes["facts"]}>
      <FactList
        facts={[
          [
            "Traces",
            <Link
              key="traces"
              to="/traces"
              search={{ ...range, q: `session:${quoteValue(session.session)}` }}
              className={classes["link"]}
            >
              <Count count={session.traces} sampled={session.sampled} />
            </Link>,
          ],
          ["Failed", <Failed key="failed" session={session} range={range} />],
          ["Started", <Timestamp key="started" time={session.first_seen} />],
          ["Lasted", formatDuration(lasted)],
          ["Tokens", <Tokens key="tokens" tokens={session.tokens} />],
          ["Cost", <Cost key="cost" cost={session.cost} />],
          [session.app_count > 1 ? "Apps" : "App", formatNames(session.apps, session.app_count)],
          [session.users.length > 1 ? "Users" : "User", session.users.length > 0 ? <UserLinks key="users" users={session.users} count={session.user_count} /> : null],
        ]}
      />
      {scores.length > 0 ? (
        <div className={classes["scores"]}>
          {scores.map((score) => (
            <ScoreBadge key={score.score_id} score={score} />
          ))}
        </div>
      ) : null}
    </div>
  );
}

/** Traces whose root failed. What failed below one that ended well is marked at its turn. */
function Failed({ session, range }: { session: Conversation["session"]; range: RangeSearch }) {
  if (session.errors === 0) return "0";
  return (
    <Link
      to="/traces"
      search={{ ...range, q: `session:${quoteValue(session.session)} status:error` }}
      className={classes["link"]}
    >
      {formatInteger(session.errors)}
    </Link>
  );
}

function UserLinks({ users, count }: { users: readonly string[]; count: number }) {
  return (
    <>
      {users.map((user, index) => (
        <span key={user}>
          {index > 0 ? ", " : ""}
          <Link to="/users/profile" search={{ id: user }} className={classes["link"]}>
            {user}
          </Link>
        </span>
      ))}
      {moreOf(users, count)}
    </>
  );
}
