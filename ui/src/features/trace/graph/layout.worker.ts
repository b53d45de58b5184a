import type { AgentGraphData } from "./agentGraph";
import { layOut } from "./layout";

self.addEventListener("message", ({ data }: MessageEvent<AgentGraphData>) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no target origin
  self.postMessage(layOut(data));
});
