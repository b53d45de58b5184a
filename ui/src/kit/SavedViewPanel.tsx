import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useRouterState } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import type { SavedViewModel } from "@/api/schema";
import { deleteView, renameView, savedViewsQuery, saveView, type ViewPage } from "@/api/views";
import { baseUrl } from "@/lib/baseUrl";
import { Button, IconButton } from "./Button";
import { TextField } from "./Fields";
import { DeleteIcon, RenameIcon } from "./icons";
import classes from "./SavedViews.module.css";

/** More the API refuses. */
const NAME_LENGTH = 200;

/** The saved views of a page, and a field for one more. */
export default function SavedViewPanel({ page, onDone }: { page: ViewPage; onDone: () => void }) {
  const client = useQueryClient();
  const { data, error } = useQuery(savedViewsQuery(page));
  const params = useParams();
  const show = useShow(page);
  const [name, setName] = useState("");
  const views = data?.views ?? [];
  const replaced = views.find((view) => view.name === name.trim());
  const field = useRef<HTMLInputElement>(null);
  const change = useMutation({ mutationFn: (work: () => Promise<void>) => work() });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() === "") return;
    change.mutate(() => saveView(client, { name: name.trim(), page, params }, replaced), {
      onSuccess: () => setName(""),
    });
  };
  const failure = error ?? change.error;
  return (
    <div className={classes["panel"]}>
      <p className={classes["heading"]}>Saved views</p>
      {data && views.length === 0 ? (
        <p className={classes["none"]}>None yet. A name keeps the query and the time range of this page for everybody.</p>
      ) : null}
      <ul className={classes["views"]}>
        {views.map((view) => (
          <ViewRow
            key={view.id}
            view={view}
            current={isSame(view.params, params)}
            onOpen={() => {
              show(view.params);
              onDone();
            }}
            onRename={(to) => change.mutate(() => renameView(client, view, to))}
            onDelete={() =>
              change.mutate(() => deleteView(client, page, view.id), { onSuccess: () => field.current?.focus() })
            }
          />
        ))}
      </ul>
      <form className={classes["form"]} onSubmit={submit}>
        <TextField
          label="Save this view as"
          value={name}
          onChange={setName}
          placeholder="A name"
          maxLength={NAME_LENGTH}
          inputRef={field}
        />
        <Button type="submit" look="primary" disabled={name.trim() === ""} busy={change.isPending}>
          {replaced ? "Replace" : "Save"}
        </Button>
      </form>
      {failure ? (
        <p className={classes["failure"]} role="alert">
          {failure.message}
        </p>
      ) : null}
    </div>
  );
}

type RowProps = {
  view: SavedViewModel;
  current: boolean;
  onOpen: () => void;
  onRename: (to: string) => void;
  onDelete: () => void;
};

function ViewRow({ view, current, onOpen, onRename, onDelete }: RowProps) {
  const [mode, setMode] = useState<"shown" | "renaming" | "deleting">("shown");
  const isBack = useRef(false);
  const show = (): void => {
    isBack.current = true;
    setMode("shown");
  };
  if (mode === "renaming") {
    return (
      <Renaming
        view={view}
        onDone={(to) => {
          show();
          if (to !== "" && to !== view.name) onRename(to);
        }}
      />
    );
  }
  if (mode === "deleting") return <Deleting view={view} onKeep={show} onDelete={onDelete} />;
  return (
    <li className={classes["view"]} data-current={current}>
      <button
        ref={(button) => {
          if (isBack.current) button?.focus();
          isBack.current = false;
        }}
        type="button"
        className={classes["open"]}
        onClick={onOpen}
        title={[view.name, ...Object.values(view.params)].join(" · ")}
        {...(current ? { "aria-current": "true" } : {})}
      >
        {view.name}
      </button>
      <IconButton label={`Rename the view ${view.name}`} onClick={() => setMode("renaming")}>
        <RenameIcon size={14} />
      </IconButton>
      <IconButton label={`Delete the view ${view.name}`} onClick={() => setMode("deleting")}>
        <DeleteIcon size={14} />
      </IconButton>
    </li>
  );
}

function Renaming({ view, onDone }: { view: SavedViewModel; onDone: (to: string) => void }) {
  const [draft, setDraft] = useState(view.name);
  const finish = (): void => onDone(draft.trim());
  return (
    <li className={classes["asking"]}>
      <TextField
        label={`New name of ${view.name}`}
        hideLabel
        value={draft}
        onChange={setDraft}
        onEnter={finish}
        maxLength={NAME_LENGTH}
        inputRef={focusOn}
      />
      <Button onClick={finish}>Rename</Button>
    </li>
  );
}

type DeletingProps = { view: SavedViewModel; onKeep: () => void; onDelete: () => void };

/** Others use the view too, and it cannot be brought back. */
function Deleting({ view, onKeep, onDelete }: DeletingProps) {
  return (
    <li className={classes["asking"]}>
      <p className={classes["question"]}>Delete “{view.name}” for everybody?</p>
      <span className={classes["answers"]}>
        <Button ref={focusOn} onClick={onKeep}>
          Keep
        </Button>
        <Button look="danger" onClick={onDelete}>
          Delete
        </Button>
      </span>
    </li>
  );
}

function focusOn(control: HTMLElement | null): void {
  control?.focus();
}

/** What follows the ? of the address now. */
function useParams(): Record<string, string> {
  const text = useRouterState({ select: (state) => state.location.searchStr });
  return Object.fromEntries(new URLSearchParams(text));
}

/** Goes to the page with other parameters; the router reads them as it reads a pasted link. */
function useShow(page: ViewPage): (params: Record<string, string>) => void {
  const router = useRouter();
  return (params) => {
    const search = new URLSearchParams(params).toString();
    router.history.push(`${baseUrl().pathname}${page}${search === "" ? "" : `?${search}`}`);
  };
}

function isSame(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
