import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ServerInfo } from "@/api/schema";
import { serverInfoQuery } from "@/api/server";
import { PageHeader } from "@/kit/PageHeader";
import { LoadingRows } from "@/kit/States";
import { type Tab, Tabs } from "@/kit/Tabs";
import { KeyTable } from "./KeyTable";
import { PriceTable } from "./PriceTable";
import { ProjectTable } from "./ProjectTable";
import { Refusal } from "./Refusal";
import { parseSettingsSearch } from "./search";
import classes from "./Settings.module.css";

const route = getRouteApi("/settings");

/** Projects with their limits, keys, and prices. */
export function SettingsPage() {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: info, error, refetch } = useQuery(serverInfoQuery());
  const show = (content: (known: ServerInfo) => ReactNode): ReactNode => {
    if (info) return content(info);
    return error ? <Refusal error={error} retry={() => void refetch()} /> : <LoadingRows label="Loading settings" />;
  };
  const tabs: readonly Tab[] = [
    { id: "projects", label: "Projects", content: () => show((known) => <ProjectTable info={known} />) },
    { id: "keys", label: "API keys", content: () => show((known) => <KeyTable info={known} />) },
    { id: "prices", label: "Prices", content: () => show((known) => <PriceTable info={known} />) },
  ];
  return (
    <>
      <PageHeader title="Settings" />
      <div className={classes["page"]}>
        <Tabs
          label="Settings"
          value={tab ?? "projects"}
          onChange={(next) => void navigate({ search: parseSettingsSearch({ tab: next }) })}
          tabs={tabs}
        />
      </div>
    </>
  );
}
