import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeProject } from "@/api/settings";
import type { Limits, ProjectChanges, ProjectModel } from "@/api/schema";
import { Dialog } from "@/kit/Dialog";
import { TextField } from "@/kit/Fields";
import { DialogForm } from "./DialogForm";
import { LIMITS, limitChanges, limitDraft, limitNote, type LimitProblems } from "./limits";
import { MAX_NAME_LENGTH } from "./projectDraft";
import classes from "./Settings.module.css";

type DialogProps = { project: ProjectModel; server: Limits; onClose: () => void };

/** Changes the name and the limits of a project; `server` is what holds where it has none. */
export function ProjectDialog({ project, server, onClose }: DialogProps) {
  const [name, setName] = useState(project.name);
  const [draft, setDraft] = useState(() => limitDraft(project));
  const [problems, setProblems] = useState<LimitProblems>({});
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (changes: ProjectChanges) => changeProject(project.id, changes),
    onSettled: () => queries.invalidateQueries({ queryKey: ["projects"] }),
  });
  const save = (): void => {
    const { changes, problems: found } = limitChanges(project, draft, server);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    const renamed = name.trim() === project.name ? {} : { name: name.trim() || null };
    change.mutate({ ...changes, ...renamed }, { onSuccess: onClose });
  };
  return (
    <Dialog open onClose={onClose} title={`Project ${project.id}`} size="lg">
      <DialogForm
        label={`Project ${project.id}`}
        action="Save"
        busy={change.isPending}
        failure={change.error}
        onCancel={onClose}
        onSubmit={save}
      >
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          placeholder={project.id}
          maxLength={MAX_NAME_LENGTH}
          focusFirst
        />
        <p className={classes["note"]}>
          A limit that is left empty is as the server’s settings say. Running servers know within seconds.
        </p>
        <div className={classes["limits"]}>
          {LIMITS.map((limit) => (
            <TextField
              key={limit.name}
              label={limit.label}
              value={draft[limit.name]}
              onChange={(text) => {
                setDraft({ ...draft, [limit.name]: text });
                setProblems({ ...problems, [limit.name]: undefined });
              }}
              placeholder="as the server"
              note={limitNote(limit, server)}
              error={problems[limit.name]}
            />
          ))}
        </div>
        {project.id === "default" ? null : (
          <p className={classes["note"]}>
            <code>sightline projects delete {project.id}</code> deletes the project with everything in it.
          </p>
        )}
      </DialogForm>
    </Dialog>
  );
}
