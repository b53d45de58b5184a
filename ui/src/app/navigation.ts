import type { LucideIcon } from "lucide-react";
import {
  AlertsIcon,
  AppsIcon,
  CostsIcon,
  FailuresIcon,
  PromptsIcon,
  SessionsIcon,
  SettingsIcon,
  SqlIcon,
  TracesIcon,
  UsersIcon,
} from "@/kit/icons";

/** The entries of the rail; only what exists is listed. */
export const NAVIGATION: readonly {
  to: `/${"traces" | "apps" | "sessions" | "users" | "prompts" | "failures" | "costs" | "alerts" | "sql" | "settings"}`;
  label: string;
  icon: LucideIcon;
  covers: readonly string[];
}[] = [
  { to: "/traces", label: "Traces", icon: TracesIcon, covers: ["/traces", "/t/"] },
  { to: "/apps", label: "Apps", icon: AppsIcon, covers: ["/apps"] },
  { to: "/sessions", label: "Sessions", icon: SessionsIcon, covers: ["/sessions"] },
  { to: "/users", label: "Users", icon: UsersIcon, covers: ["/users"] },
  { to: "/prompts", label: "Prompts", icon: PromptsIcon, covers: ["/prompts"] },
  { to: "/failures", label: "Failures", icon: FailuresIcon, covers: ["/failures"] },
  { to: "/costs", label: "Costs", icon: CostsIcon, covers: ["/costs"] },
  { to: "/alerts", label: "Alerts", icon: AlertsIcon, covers: ["/alerts"] },
  { to: "/sql", label: "SQL", icon: SqlIcon, covers: ["/sql"] },
  { to: "/settings", label: "Settings", icon: SettingsIcon, covers: ["/settings"] },
];
