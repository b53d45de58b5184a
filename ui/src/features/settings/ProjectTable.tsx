import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { projectsQuery } from "@/api/settings";
import type { ProjectModel, ServerInfo } from "@/api/schema";
import { Button } from "@/kit/Button";
import { ListFailure } from "@/kit/ListFailure";
import { LoadingRows } from "@/kit/States";
import { FindField, FoundMore, useFound } from "./Find";
import { LIMITS, limitText, otherLimits } from "./limits";
import { NewProject } from "./NewProject";
import { ProjectDialog } from "./ProjectDialog";
import { Refusal } from "./Refusal";
import classes from "./Settings.module.css";

const COLUMNS = LIMITS.filter(({ zero }) => zero !== undefined);

/** Projects with their limits; whoever runs the server makes and changes them here. */
export function ProjectTable({ info }: { info: ServerInfo }) {
  const list = useQuery(projectsQuery());
  const [changing, setChanging] = useState<ProjectModel>();
  const [isAdding, setIsAdding] = useState(false);
  const { shown, count, isSearched } = useFound(list.data?.projects ?? [], ({ id, name }) => [id, name]);
  if (list.error && !list.data) return <Refusal error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <LoadingRows label="Loading projects" />;
  const { projects, server } = list.data;
  return (
    <>
      <ListFailure list={list} />
      <div className={classes["head"]}>
        <p className={classes["note"]}>
          {info.runs_server
            ? "Each project keeps its own traces, keys, rules and limits. You look at "
            : "Only whoever runs the server changes projects and limits. You look at "}
          <b>{info.project}</b>
          {info.runs_server ? "; a read or admin key of another one, as the password of any name, shows that." : "."}
        </p>
        {isSearched ? <FindField label="Find a project" /> : null}
        {info.runs_server ? (
          <Button look="primary" onClick={() => setIsAdding(true)}>
            New project
          </Button>
        ) : null}
      </div>
      <div className={classes["panel"]}>
        <table className={classes["table"]}>
          <thead>
            <tr>
              <th scope="col">Project</th>
              {COLUMNS.map(({ name, short }) => (
                <th key={name} scope="col">
                  {short}
                </th>
              ))}
              <th scope="col">Other limits</th>
              {info.runs_server ? (
                <th scope="col">
                  <span className="visually-hidden">Change</span>
                </th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {shown.map((project) => (
              <ProjectRow
                key={project.id}
                project={project}
                onChange={info.runs_server ? () => setChanging(project) : undefined}
              />
            ))}
          </tbody>
        </table>
        <FoundMore shown={shown} count={count} noun="project" />
      </div>
      {isAdding ? <NewProject taken={projects.map(({ id }) => id)} onClose={() => setIsAdding(false)} /> : null}
      {changing ? <ProjectDialog project={changing} server={server} onClose={() => setChanging(undefined)} /> : null}
    </>
  );
}

function ProjectRow({ project, onChange }: { project: ProjectModel; onChange: (() => void) | undefined }) {
  const others = otherLimits(project);
  return (
    <tr>
      <th scope="row">
        {project.name}
        {project.name === project.id ? null : <span className={classes["id"]}>{project.id}</span>}
      </th>
      {COLUMNS.map((limit) => (
        <td key={limit.name} className={classes["short"]} data-label={limit.short}>
          {limitText(limit, project.limits[limit.name])}
          {(project.own[limit.name] ?? null) === null ? <span className={classes["dim"]}>, as the server</span> : null}
        </td>
      ))}
      <td data-label="Other limits">
        {others.length > 0 ? others.join(", ") : <span className={classes["dim"]}>as the server</span>}
      </td>
      {onChange ? (
        <td className={classes["rowActions"]}>
          <Button look="quiet" aria-label={`Change ${project.id}`} onClick={onChange}>
            Change
          </Button>
        </td>
      ) : null}
    </tr>
  );
}
