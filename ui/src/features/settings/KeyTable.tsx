import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { keysQuery, revokeKey } from "@/api/settings";
import type { KeyModel, ServerInfo } from "@/api/schema";
import { Button } from "@/kit/Button";
import { ConfirmButton } from "@/kit/ConfirmButton";
import { Timestamp } from "@/kit/Figures";
import { KeyIcon } from "@/kit/icons";
import { ListFailure } from "@/kit/ListFailure";
import { EmptyState, LoadingRows } from "@/kit/States";
import { formatInteger } from "@/lib/format";
import { FindField, FoundMore, useFound } from "./Find";
import { NewKey } from "./NewKey";
import { Refusal } from "./Refusal";
import { parseSettingsSearch } from "./search";
import classes from "./Settings.module.css";

const route = getRouteApi("/settings");

/** As many digits of an id as the command line shows. */
const ID_DIGITS = 8;

/** Keys of all projects, for whoever runs the server; anybody else is told that. */
export function KeyTable({ info }: { info: ServerInfo }) {
  if (info.runs_server) return <Keys info={info} />;
  return (
    <EmptyState icon={<KeyIcon size={22} aria-hidden />} title="Keys are made by whoever runs the server">
      Sign in as <b>admin</b> with the password or the key of the server’s settings to see, make and revoke them.
    </EmptyState>
  );
}

function Keys({ info }: { info: ServerInfo }) {
  const list = useQuery(keysQuery());
  const search = route.useSearch();
  const showsRevoked = search.revoked ?? false;
  const navigate = route.useNavigate();
  const [isAdding, setIsAdding] = useState(false);
  const adder = useRef<HTMLButtonElement>(null);
  const newestFirst = useMemo(() => list.data?.keys.toReversed() ?? [], [list.data]);
  const active = newestFirst.filter((key) => key.revoked_at === null);
  const listed = showsRevoked ? newestFirst : active;
  const { shown, count, isSearched } = useFound(listed, ({ id, name, project }) => [id, name, project]);
  if (list.error && !list.data) return <Refusal error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <LoadingRows label="Loading keys" />;
  const revoked = newestFirst.length - active.length;
  return (
    <>
      <ListFailure list={list} />
      {info.key_required ? null : (
        <p className={classes["notice"]}>
          This server asks nobody for a key: its settings have neither <code>SIGHTLINE_API_KEY</code> nor{" "}
          <code>SIGHTLINE_ADMIN_PASSWORD</code>. A key only says which project its spans go to.
        </p>
      )}
      <div className={classes["head"]}>
        <p className={classes["note"]}>Apps send spans with a key; people and programs read with one. Each belongs to one project.</p>
        {isSearched ? <FindField label="Find a key" /> : null}
        {revoked > 0 ? (
          <Button
            onClick={() =>
              void navigate({ search: parseSettingsSearch({ ...search, revoked: !showsRevoked }), replace: true })
            }
          >
            {showsRevoked ? "Hide" : "Show"} {formatInteger(revoked)} revoked
          </Button>
        ) : null}
        <Button ref={adder} look="primary" onClick={() => setIsAdding(true)}>
          New key
        </Button>
      </div>
      {listed.length === 0 ? (
        <EmptyState icon={<KeyIcon size={22} aria-hidden />} title={revoked > 0 ? "No key is in use" : "No keys yet"}>
          {info.key_required
            ? "Only the key and the password of the server’s settings open it."
            : "Spans that come without a key go to the project default."}
        </EmptyState>
      ) : (
        <div className={classes["panel"]}>
          <table className={classes["table"]}>
            <thead>
              <tr>
                {["Name", "Project", "Role", "Id", "Created"].map((heading) => (
                  <th key={heading} scope="col">
                    {heading}
                  </th>
                ))}
                <th scope="col">
                  <span className="visually-hidden">Revoke</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((key) => (
                <KeyRow key={key.id} entry={key} info={info} onRevoked={() => adder.current?.focus()} />
              ))}
            </tbody>
          </table>
          <FoundMore shown={shown} count={count} noun="key" />
        </div>
      )}
      {isAdding ? <NewKey info={info} onClose={() => setIsAdding(false)} /> : null}
    </>
  );
}

function KeyRow({ entry, info, onRevoked }: { entry: KeyModel; info: ServerInfo; onRevoked: () => void }) {
  const queries = useQueryClient();
  const revoke = async (): Promise<void> => {
    // Refused, too: somebody else may have revoked it.
    await revokeKey(entry.id).finally(() => queries.invalidateQueries({ queryKey: ["keys"] }));
    onRevoked();
  };
  return (
    <tr data-revoked={entry.revoked_at !== null}>
      <th scope="row">{entry.name}</th>
      <td data-label="Project">{entry.project}</td>
      <td className={classes["short"]} data-label="Role">{entry.role}</td>
      <td className={classes["short"]} data-label="Id">
        <code>{entry.id.slice(0, ID_DIGITS)}</code>
      </td>
      <td className={classes["short"]} data-label="Created">
        <Timestamp time={entry.created_at} shape="list" />
      </td>
      <td className={classes["rowActions"]}>
        {entry.revoked_at === null ? (
          <ConfirmButton title={`Revoke the key “${entry.name}”?`} consequence={consequence(entry, info)} onConfirm={revoke}>
            Revoke
          </ConfirmButton>
        ) : (
          <span className={classes["dim"]}>
            revoked <Timestamp time={entry.revoked_at} shape="list" />
          </span>
        )}
      </td>
    </tr>
  );
}

function consequence({ project, role }: KeyModel, { key_required }: ServerInfo): string {
  const refused = `Running servers refuse this ${role} key of project ${project} within seconds, and nothing brings it back.`;
  if (key_required) return refused;
  return `Running servers forget this ${role} key of project ${project} within seconds, and nothing brings it back. As this server asks nobody for a key, spans that still come with it go to the project default.`;
}
