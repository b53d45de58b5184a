import type { LucideIcon } from "lucide-react";
import { AlertsIcon, CostsIcon, FailuresIcon, TracesIcon } from "@/kit/icons";

/** The entries of the rail; only what exists is listed. */
export const NAVIGATION: readonly {
  to: "/traces" | "/failures" | "/costs" | "/alerts";
  label: string;
  icon: LucideIcon;
  covers: readonly string[];
}[] = [
  { to: "/traces", label: "Traces", icon: TracesIcon, covers: ["/traces", "/t/"] },
  { to: "/failures", label: "Failures", icon: FailuresIcon, covers: ["/failures"] },
  { to: "/costs", label: "Costs", icon: CostsIcon, covers: ["/costs"] },
  { to: "/alerts", label: "Alerts", icon: AlertsIcon, covers: ["/alerts"] },
];
