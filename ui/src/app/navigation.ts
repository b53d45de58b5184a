import type { LucideIcon } from "lucide-react";
import { TracesIcon } from "@/kit/icons";

/** The entries of the rail; only what exists is listed. */
export const NAVIGATION: readonly { to: "/traces"; label: string; icon: LucideIcon; covers: readonly string[] }[] = [
  { to: "/traces", label: "Traces", icon: TracesIcon, covers: ["/traces", "/t/"] },
];
