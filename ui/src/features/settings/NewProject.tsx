import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createProject } from "@/api/settings";
import { Dialog } from "@/kit/Dialog";
import { TextField } from "@/kit/Fields";
import { DialogForm } from "./DialogForm";
import { MAX_NAME_LENGTH, projectIdProblem } from "./projectDraft";

/** Asks for the id and the name of a new project; `taken` are the ids that there are. */
export function NewProject({ taken, onClose }: { taken: readonly string[]; onClose: () => void }) {
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string>();
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: createProject,
    onSettled: () => queries.invalidateQueries({ queryKey: ["projects"] }),
  });
  return (
    <Dialog open onClose={onClose} title="New project">
      <DialogForm
        label="New project"
        action="Create"
        busy={create.isPending}
        failure={create.error}
        onCancel={onClose}
        onSubmit={() => {
          const found = projectIdProblem(id.trim(), taken);
          setProblem(found);
          if (!found) create.mutate({ id: id.trim(), name: name.trim() || null }, { onSuccess: onClose });
        }}
      >
        <TextField
          label="Id"
          value={id}
          onChange={(next) => {
            setId(next);
            setProblem(undefined);
          }}
          placeholder="checkout"
          note="Small letters, digits, - and _. It stays as it is."
          error={problem}
          focusFirst
        />
        <TextField
          label="Name (optional)"
          value={name}
          onChange={setName}
          placeholder="The checkout"
          maxLength={MAX_NAME_LENGTH}
        />
      </DialogForm>
    </Dialog>
  );
}
