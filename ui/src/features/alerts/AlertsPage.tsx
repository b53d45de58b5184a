import { getRouteApi } from "@tanstack/react-router";
import { PageHeader } from "@/kit/PageHeader";
import { type Tab, Tabs } from "@/kit/Tabs";
import { useScrollPlace } from "@/lib/listPlace";
import classes from "./Alerts.module.css";
import { ChannelTable } from "./ChannelTable";
import { IncidentTable } from "./IncidentTable";
import { RuleTable } from "./RuleTable";
import { parseAlertSearch } from "./search";

const route = getRouteApi("/alerts");

const TABS: readonly Tab[] = [
  { id: "incidents", label: "Incidents", content: () => <IncidentTable /> },
  { id: "rules", label: "Rules", content: () => <RuleTable /> },
  { id: "channels", label: "Channels", content: () => <ChannelTable /> },
];

/** Incidents, rules and channels. */
export function AlertsPage() {
  const { tab } = route.useSearch();
  const scroller = useScrollPlace(`alerts ${tab ?? "incidents"}`);
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title="Alerts" />
      <div ref={scroller} className={classes["page"]}>
        <Tabs
          label="Alerts"
          value={tab ?? "incidents"}
          onChange={(next) => void navigate({ search: parseAlertSearch({ tab: next }) })}
          tabs={TABS}
        />
      </div>
    </>
  );
}
