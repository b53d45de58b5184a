import { useState } from "react";
import { formatInteger, plural } from "@/lib/format";
import { ChevronDownIcon, ChevronRightIcon } from "./icons";
import classes from "./JsonTree.module.css";

/** How many children of one value are shown before "more". */
const CHUNK = 100;
/** How much of a string is shown before "more". */
const STRING_LIMIT = 1_000;
/** Small values start open down to this depth. */
const OPEN_DEPTH = 2;
const OPEN_CHILDREN = 30;

/** JSON as a tree that opens on demand: only what is open has DOM nodes. `open`: the outermost level, however long. */
export function JsonTree({ value, open = false }: { value: unknown; open?: boolean }) {
  return (
    <div className={classes["tree"]}>
      <Node value={value} depth={0} startsOpen={open} />
    </div>
  );
}

type NodeProps = { name?: string; value: unknown; depth: number; startsOpen?: boolean };

function Node({ name, value, depth, startsOpen = false }: NodeProps) {
  if (typeof value === "object" && value !== null) {
    return <Branch {...(name === undefined ? {} : { name })} value={value} depth={depth} startsOpen={startsOpen} />;
  }
  return (
    <div className={classes["row"]}>
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

type BranchProps = { name?: string; value: object; depth: number; startsOpen: boolean };

function Branch({ name, value, depth, startsOpen }: BranchProps) {
  const entries = Object.entries(value) as [string, unknown][];
  const isArray = Array.isArray(value);
  const [open, setOpen] = useState(startsOpen || (depth < OPEN_DEPTH && entries.length <= OPEN_CHILDREN));
  const [shown, setShown] = useState(CHUNK);
  const [start, end] = isArray ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) {
    return (
      <div className={classes["row"]}>
        <Name name={name} />
        <span className={classes["note"]}>{start + end}</span>
      </div>
    );
  }
  const Chevron = open ? ChevronDownIcon : ChevronRightIcon;
  return (
    <div className={classes["row"]}>
      <button type="button" className={classes["toggle"]} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Chevron size={12} className={classes["chevron"]} aria-hidden />
        <span>
          <Name name={name} />
          {start}
          {open ? null : (
            <span className={classes["note"]}>
              {" "}
              {plural(entries.length, isArray ? "item" : "key")} {end}
            </span>
          )}
        </span>
      </button>
      {open ? (
        <>
          <div className={classes["branch"]}>
            {entries.slice(0, shown).map(([key, child]) => (
              <Node key={key} {...(isArray ? {} : { name: key })} value={child} depth={depth + 1} />
            ))}
            {entries.length > shown ? (
              <button type="button" className={classes["more"]} onClick={() => setShown(shown + CHUNK)}>
                {formatInteger(entries.length - shown)} more
              </button>
            ) : null}
          </div>
          {end}
        </>
      ) : null}
    </div>
  );
}

function Name({ name }: { name: string | undefined }) {
  return name === undefined ? null : <span className={classes["key"]}>{name}: </span>;
}

function Leaf({ value }: { value: unknown }) {
  const [whole, setWhole] = useState(false);
  if (typeof value === "number" || typeof value === "bigint") {
    return <span className={classes["number"]}>{String(value)}</span>;
  }
  if (typeof value !== "string") return <span className={classes["word"]}>{String(value)}</span>;
  const cut = !whole && value.length > STRING_LIMIT;
  return (
    <span className={classes["string"]}>
      &quot;{cut ? value.slice(0, STRING_LIMIT) : value}
      {cut ? (
        <button type="button" className={classes["more"]} onClick={() => setWhole(true)}>
          … {formatInteger(value.length - STRING_LIMIT)} more characters
        </button>
      ) : null}
      &quot;
    </span>
  );
}
