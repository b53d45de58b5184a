import { useNavigate } from "@tanstack/react-router";
import type { SessionSummary } from "@/api/schema";
import { formatDuration } from "@/lib/format";
import { Cost, Count, Timestamp, Tokens } from "./Figures";
import { ErrorShare } from "./ErrorShare";
import type { TableColumn } from "./table/columns";
import { RowLink } from "./table/RowLink";
import { VirtualTable } from "./table/VirtualTable";

const NS_PER_MS = 1_000_000;

const COLUMNS: readonly TableColumn<SessionSummary>[] = [
  {
    id: "session",
    label: "Session",
    width: "minmax(136px, 1.4fr)",
    phone: "1 / 1",
    cell: ({ session }) => (
      <RowLink
        to="/sessions/conversation"
        search={{ id: session }}
        title={session}
      >
        {session}
      </RowLink>
    ),
  },
  {
    id: "user",
    label: "User",
    width: "minmax(84px, 0.8fr)",
    dim: true,
    cell: ({ users }) => users.join(", "),
  },
  { id: "app", label: "App", width: "minmax(84px, 0.8fr)", dim: true, cell: ({ apps }) => apps.join(", ") },
  {
    id: "turns",
    label: "Traces",
    sort: "-traces",
    width: "64px",
    figure: true,
    cell: ({ traces, sampled }) => <Count count={traces} sampled={sampled} />,
  },
  {
    id: "errors",
    label: "Failed",
    sort: "-errors",
    width: "84px",
    figure: true,
    phone: "1 / 2",
    cell: ({ errors, traces }) => <ErrorShare errors={errors} of={traces} noun="trace" />,
  },
  {
    id: "duration",
    label: "Lasted",
    width: "84px",
    figure: true,
    cell: ({ first_seen, last_seen }) =>
      formatDuration((Date.parse(last_seen) - Date.parse(first_seen)) * NS_PER_MS),
  },
  {
    id: "tokens",
    label: "Tokens",
    sort: "-tokens",
    width: "70px",
    figure: true,
    cell: ({ tokens }) => <Tokens tokens={tokens} />,
  },
  {
    id: "cost",
    label: "Cost",
    sort: "-cost",
    width: "88px",
    figure: true,
    phone: "2 / 2",
    cell: ({ cost }) => <Cost cost={cost} />,
  },
  {
    id: "last",
    label: "Last active",
    sort: "-last",
    width: "124px",
    dim: true,
    phone: "2 / 1",
    cell: ({ last_seen }) => <Timestamp time={last_seen} shape="list" />,
  },
];

type TableProps = {
  /** Names the list; its place is found again when the same list is shown next. */
  placeKey: string;
  sessions: readonly SessionSummary[];
  more?: { load: () => void };
  sorting?: { by: string; onSort: (by: string) => void };
};

/** Sessions as virtual rows; a row opens the conversation. */
export function SessionTable({ placeKey, sessions, more, sorting }: TableProps) {
  const navigate = useNavigate();
  return (
    <VirtualTable
      placeKey={placeKey}
      label="Sessions"
      rows={sessions}
      columns={COLUMNS}
      idOf={({ session }) => session}
      noun="session"
      minWidth={962}
      onOpen={({ session }) => void navigate({ to: "/sessions/conversation", search: { id: session } })}
      {...(more ? { more } : {})}
      {...(sorting ? { sorting } : {})}
    />
  );
}
