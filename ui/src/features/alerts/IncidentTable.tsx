import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { incidentsQuery } from "@/api/alerts";
import type { Incident } from "@/api/schema";
import { Timestamp } from "@/kit/Figures";
import { AlertsIcon } from "@/kit/icons";
import { EmptyState, ErrorState, LoadingRows } from "@/kit/States";
import classes from "./Alerts.module.css";

/** Incidents, open ones first by their state's colour and word. */
export function IncidentTable() {
  const { data, error, refetch } = useQuery(incidentsQuery());
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <LoadingRows label="Loading incidents" />;
  if (data.incidents.length === 0)
    return (
      <EmptyState icon={<AlertsIcon size={22} aria-hidden />} title="No incidents">
        No rule has fired yet.
      </EmptyState>
    );
  return (
    <div className={classes["panel"]}>
      <table className={classes["table"]}>
        <thead>
          <tr>
            {["State", "Rule", "Where", "Value", "Limit", "Since", "Taken by"].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.incidents.map((incident) => (
            <tr key={incident.id}>
              <td>
                <IncidentState incident={incident} />
              </td>
              <td>
                <Link to="/alerts/$incidentId" params={{ incidentId: incident.id }}>
                  {incident.name}
                </Link>
              </td>
              <td>{incident.where}</td>
              <td>{incident.value}</td>
              <td>{incident.threshold}</td>
              <td>
                <Timestamp time={incident.opened_at} shape="list" />
              </td>
              <td>{incident.acknowledged_by}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Open and how bad, or resolved. */
export function IncidentState({ incident }: { incident: Incident }) {
  if (incident.resolved_at) return <span className={classes["calm"]}>resolved</span>;
  return <strong className={classes[incident.level]}>{incident.level}</strong>;
}
