import { useMemo } from "react";
import { EmptyState, LoadingRows } from "@/kit/States";
import type { SpanTree } from "../spanTree";
import classes from "./AgentGraph.module.css";
import { buildAgentGraph } from "./agentGraph";
import { GraphDrawing } from "./GraphDrawing";
import { GraphList } from "./GraphList";
import { useGraphLayout } from "./useGraphLayout";

/** A drawing of more nodes than this cannot be read. */
const MAX_DRAWN = 300;

type GraphProps = { tree: SpanTree; selected: number | undefined; onSelect: (position: number) => void };

/** Who called whom in the trace: agents, tools and models, with how often, how long and for how much. */
export default function AgentGraph({ tree, selected, onSelect }: GraphProps) {
  const graph = useMemo(() => buildAgentGraph(tree), [tree]);
  const isDrawn = graph.nodes.length <= MAX_DRAWN;
  const { layout, failed } = useGraphLayout(isDrawn ? graph : undefined);
  const isSelected = (position: number): boolean => position === selected;
  if (graph.nodes.length === 0) return <EmptyState title="No spans" />;
  if (!isDrawn || failed) {
    return (
      <div className={classes["scroll"]}>
        <p className={classes["note"]}>
          {failed ? "The graph could not be laid out" : `${graph.nodes.length} nodes are too many for a drawing`}; here
          they are as a list.
        </p>
        <GraphList graph={graph} isSelected={isSelected} onSelect={onSelect} />
      </div>
    );
  }
  if (!layout) return <LoadingRows rows={6} label="Laying out the graph" />;
  return (
    <div className={classes["scroll"]}>
      <GraphDrawing graph={graph} layout={layout} isSelected={isSelected} onSelect={onSelect} />
    </div>
  );
}
