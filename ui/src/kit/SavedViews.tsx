import { lazy, Suspense, useState } from "react";
import type { ViewPage } from "@/api/views";
import { IconButton } from "./Button";
import { BookmarkIcon } from "./icons";
import { Popup } from "./Popup";
import { LoadingRows } from "./States";

const SavedViewPanel = lazy(() => import("./SavedViewPanel"));

/** Opens, saves and deletes named views of a page: the parameters of its address under a name. */
export function SavedViews({ page }: { page: ViewPage }) {
  const [open, setOpen] = useState(false);
  return (
    <Popup
      open={open}
      onChange={setOpen}
      label="Saved views"
      width={300}
      target={
        <IconButton label="Saved views" aria-expanded={open} onClick={() => setOpen(!open)}>
          <BookmarkIcon size={15} />
        </IconButton>
      }
    >
      {open ? (
        <Suspense fallback={<LoadingRows rows={3} label="Loading the views" />}>
          <SavedViewPanel page={page} onDone={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </Popup>
  );
}
