import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { DeletionTarget } from "@/api/deletions";
import { IconButton } from "./Button";
import { DeletePanel } from "./DeletePanel";
import { DeletionList } from "./DeletionList";
import { Dialog } from "./Dialog";
import { DeleteIcon } from "./icons";
import { Menu } from "./Menu";

type MenuProps = {
  targets: readonly DeletionTarget[];
  /** Leaves the page, which shows what is no more, once the dialog of a deletion is closed. */
  leave: () => Promise<void>;
};

/** Deletes what the page is about, after a question that says what goes, and shows what was asked for before. */
export function DeleteMenu({ targets, leave }: MenuProps) {
  const queries = useQueryClient();
  const [asked, setAsked] = useState<DeletionTarget | "list">();
  const [isGone, setGone] = useState(false);
  const close = (): void => {
    setAsked(undefined);
    // Not before: asked again, this page's own questions would find nothing.
    if (isGone) void leave().then(() => queries.invalidateQueries());
  };
  return (
    <>
      <Menu
        title="Delete"
        target={
          <IconButton label="Delete…">
            <DeleteIcon size={15} />
          </IconButton>
        }
        entries={[
          ...targets.map((target) => ({ label: `Delete the ${target.kind}…`, run: () => setAsked(target) })),
          { label: "Deletions of the last day", run: () => setAsked("list") },
        ]}
      />
      <Dialog
        open={asked !== undefined}
        onClose={close}
        title={typeof asked === "object" ? `Delete the ${asked.kind}?` : "Deletions of the last day"}
        size="lg"
      >
        {typeof asked === "object" ? (
          <DeletePanel target={asked} onDone={() => setGone(true)} onClose={close} />
        ) : (
          <DeletionList />
        )}
      </Dialog>
    </>
  );
}
