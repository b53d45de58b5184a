import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createKey, projectsQuery } from "@/api/settings";
import type { Role, ServerInfo } from "@/api/schema";
import { Dialog } from "@/kit/Dialog";
import { SelectField, TextField } from "@/kit/Fields";
import { CreatedKey } from "./CreatedKey";
import { DialogForm } from "./DialogForm";
import { MAX_NAME_LENGTH } from "./projectDraft";
import { ROLES } from "./roles";
import classes from "./Settings.module.css";

/** Asks whose key it is and what it may do, makes it, and shows it this once. */
export function NewKey({ info, onClose }: { info: ServerInfo; onClose: () => void }) {
  const projects = useQuery(projectsQuery());
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string>();
  const [project, setProject] = useState(info.project);
  const [role, setRole] = useState<Role>("write");
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: createKey,
    // The key stays nowhere once the dialog is closed.
    gcTime: 0,
    onSettled: () => queries.invalidateQueries({ queryKey: ["keys"] }),
  });
  if (create.data) {
    return (
      <Dialog open stays onClose={onClose} title="The new key" size="lg">
        <CreatedKey created={create.data} endpoint={info.otlp_endpoint} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title="New key">
      <DialogForm
        label="New key"
        action="Create"
        busy={create.isPending}
        failure={create.error ?? projects.error}
        onCancel={onClose}
        onSubmit={() => {
          const found = name.trim() === "" ? "Say who or what uses it" : undefined;
          setProblem(found);
          if (!found) create.mutate({ project, name: name.trim(), role });
        }}
      >
        <TextField
          label="Name"
          value={name}
          onChange={(next) => {
            setName(next);
            setProblem(undefined);
          }}
          placeholder="checkout-bot in production"
          note="Who or what uses it"
          maxLength={MAX_NAME_LENGTH}
          error={problem}
          focusFirst
        />
        <SelectField
          label="Project"
          value={project}
          options={(projects.data?.projects ?? [{ id: project, name: project }]).map(({ id, name: called }) => ({
            value: id,
            label: called === id ? id : `${called} (${id})`,
          }))}
          onChange={(next) => next && setProject(next)}
          searchable
        />
        <RoleChoice value={role} onChange={setRole} />
      </DialogForm>
    </Dialog>
  );
}

function RoleChoice({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  return (
    <fieldset className={classes["roles"]}>
      <legend>Role</legend>
      {ROLES.map(({ role, does }) => (
        <label key={role} className={classes["role"]}>
          <input
            type="radio"
            name="role"
            aria-label={role}
            aria-describedby={`role-${role}`}
            checked={role === value}
            onChange={() => onChange(role)}
          />
          <b>{role}</b>
          <span id={`role-${role}`} className={classes["dim"]}>
            {does}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
