import { useState } from "react";
import { Dialog } from "@/kit/Dialog";
import { TextField } from "@/kit/Fields";
import { ExternalIcon } from "@/kit/icons";
import { Segmented } from "@/kit/Segmented";
import { usePreferences } from "@/lib/preferences";
import classes from "./Failures.module.css";
import { fillPlace, TRACKERS, type Tracker } from "./trackers";

type DialogProps = { open: boolean; onClose: () => void; urls: Record<string, string> };

/** A link that opens the issue tracker's own form, filled in. Nothing is sent from here. */
export function IssueDialog({ open, onClose, urls }: DialogProps) {
  const [{ tracker, trackerPlace }, change] = usePreferences();
  const [chosen, setChosen] = useState<Tracker>(TRACKERS.find(({ value }) => value === tracker)?.value ?? "github");
  const [place, setPlace] = useState(trackerPlace);
  const url = fillPlace(chosen, urls[chosen] ?? "", place);
  return (
    <Dialog open={open} onClose={onClose} title="Create issue">
      <div className={classes["form"]}>
        <Segmented label="Tracker" value={chosen} onChange={setChosen} options={TRACKERS} />
        <TextField
          label={TRACKERS.find(({ value }) => value === chosen)?.place ?? ""}
          value={place}
          onChange={setPlace}
          focusFirst
        />
        {url ? (
          <a
            href={url}
            target="_blank"
            rel="noopener noreferrer"
            onClick={() => change({ tracker: chosen, trackerPlace: place })}
          >
            Open the new issue <ExternalIcon size={13} aria-hidden />
          </a>
        ) : (
          <p className={classes["dim"]}>Say where the issue goes to get its link.</p>
        )}
      </div>
    </Dialog>
  );
}
