import type { FailureState } from "@/api/failures";
import type { FailureCluster } from "@/api/schema";
import { Badge, type Tone } from "@/kit/Badge";

const TONES: Record<FailureState, Tone> = {
  new: "accent",
  rising: "error",
  regressed: "error",
  ongoing: "warn",
  quiet: "neutral",
  resolved: "ok",
  ignored: "neutral",
};

/** In which state a cluster is; a regressed one says in which version it came back. */
export function StateBadge({ cluster }: { cluster: FailureCluster }) {
  const { state, regressed_version: version } = cluster;
  return (
    <Badge tone={TONES[state]} {...(state === "regressed" && version ? { title: `came back in version ${version}` } : {})}>
      {state}
      {state === "regressed" && version ? ` in ${version}` : ""}
    </Badge>
  );
}

/** A category in words. */
export function categoryLabel(category: string): string {
  return category.replaceAll("_", " ");
}
