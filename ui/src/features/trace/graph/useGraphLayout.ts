import { useEffect, useState } from "react";
import type { AgentGraphData } from "./agentGraph";
import type { GraphLayout } from "./layout";

/** The layout, made in a worker: a large graph takes a second, and the page must not stop for it. */
export function useGraphLayout(graph: AgentGraphData | undefined): { layout: GraphLayout | undefined; failed: boolean } {
  const [made, setMade] = useState<{ graph: AgentGraphData; layout: GraphLayout | null }>();
  useEffect(() => {
    if (!graph) return undefined;
    const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<GraphLayout>) => setMade({ graph, layout: data }));
    worker.addEventListener("error", () => setMade({ graph, layout: null }));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no target origin
    worker.postMessage(graph);
    return () => worker.terminate();
  }, [graph]);
  const current = made?.graph === graph ? made : undefined;
  return { layout: current?.layout ?? undefined, failed: current?.layout === null };
}
