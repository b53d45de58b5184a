import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { TextField } from "@/kit/Fields";
import { formatInteger } from "@/lib/format";
import { parseSettingsSearch } from "./search";
import classes from "./Settings.module.css";

const route = getRouteApi("/settings");

/** Rows of a table at most: thousands of them, each with its buttons, would hold up the page. */
const MOST_ROWS = 200;

/** The rows with the words that the URL asks for, as many as a table shows, and how many there are. */
export function useFound<Row>(rows: readonly Row[], wordsOf: (row: Row) => readonly string[]) {
  const { find = "" } = route.useSearch();
  const [begun] = useState(find !== "");
  const typed = find.trim().toLowerCase();
  const found = rows.filter((row) => wordsOf(row).some((word) => word.toLowerCase().includes(typed)));
  return {
    shown: found.slice(0, MOST_ROWS),
    count: found.length,
    /** Whether there is more to look through than is shown, or the page was opened with words. */
    isSearched: rows.length > MOST_ROWS || begun,
  };
}

/** Where the words are typed. */
export function FindField({ label }: { label: string }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  // The address follows a little later, and would take back what is typed meanwhile.
  const [typed, setTyped] = useState(search.find ?? "");
  return (
    <TextField
      label={label}
      hideLabel
      type="search"
      placeholder={label}
      value={typed}
      onChange={(find) => {
        setTyped(find);
        void navigate({ search: parseSettingsSearch({ ...search, find }), replace: true });
      }}
    />
  );
}

/** Below a table: that it does not show all, or nothing. */
export function FoundMore({ shown, count, noun }: { shown: readonly unknown[]; count: number; noun: string }) {
  if (count > 0 && count === shown.length) return null;
  return (
    <p className={classes["more"]}>
      {count === 0 ? `No ${noun} has this in it.` : `The first ${formatInteger(shown.length)} of ${formatInteger(count)}`}
    </p>
  );
}
