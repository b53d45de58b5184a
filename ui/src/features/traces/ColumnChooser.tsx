import { useState } from "react";
import { Button, IconButton } from "@/kit/Button";
import { ColumnsIcon } from "@/kit/icons";
import { Popup } from "@/kit/Popup";
import { usePreferences } from "@/lib/preferences";
import { COLUMNS, chosenColumns } from "./columns";
import classes from "./TraceList.module.css";

/** Chooses the columns of the list, here and for good. */
export function ColumnChooser() {
  const [open, setOpen] = useState(false);
  const [{ traceColumns }, change] = usePreferences();
  const chosen = new Set(chosenColumns(traceColumns).map(({ id }) => id));
  const toggle = (id: string): void => {
    const next = chosen.has(id) ? [...chosen].filter((other) => other !== id) : [...chosen, id];
    change({ traceColumns: next });
  };
  return (
    <Popup
      open={open}
      onChange={setOpen}
      label="Columns"
      width={220}
      target={
        <IconButton label="Columns" aria-expanded={open} onClick={() => setOpen(!open)}>
          <ColumnsIcon size={15} />
        </IconButton>
      }
    >
      <div className={classes["columns"]}>
        {COLUMNS.map(({ id, label }) => (
          <label key={id} className={classes["column"]}>
            <input type="checkbox" checked={chosen.has(id)} onChange={() => toggle(id)} />
            {label}
          </label>
        ))}
        <Button look="quiet" disabled={traceColumns === null} onClick={() => change({ traceColumns: null })}>
          The usual ones
        </Button>
      </div>
    </Popup>
  );
}
