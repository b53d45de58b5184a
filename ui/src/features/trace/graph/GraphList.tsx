import { KindIcon } from "@/kit/KindIcon";
import { formatCount, formatDuration, formatInteger, formatUsd } from "@/lib/format";
import classes from "./AgentGraph.module.css";
import type { AgentGraphData } from "./agentGraph";

/** More lines than this are for the waterfall and its search. */
const MAX_LISTED = 1_000;

type ListProps = {
  graph: AgentGraphData;
  isSelected: (position: number) => boolean;
  onSelect: (position: number) => void;
};

/** The nodes of a graph that is too large to draw, those that failed first, then the ones that took longest. */
export function GraphList({ graph, isSelected, onSelect }: ListProps) {
  const nodes = graph.nodes.toSorted((a, b) => b.errors - a.errors || b.durationNs - a.durationNs);
  return (
    <>
      <table className={classes["table"]}>
        <thead>
          <tr>
            <th scope="col">Step</th>
            {["Calls", "Errors", "Time", "Tokens", "Cost"].map((name) => (
              <th key={name} scope="col" className={classes["number"]}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {nodes.slice(0, MAX_LISTED).map((node) => (
            <tr key={node.id} data-selected={isSelected(node.position)}>
              <td>
                <button type="button" className={classes["open"]} onClick={() => onSelect(node.position)}>
                  <KindIcon kind={node.kind} />
                  <span className={classes["name"]}>{node.label}</span>
                </button>
              </td>
              <td className={classes["number"]}>{formatInteger(node.calls)}</td>
              <td className={classes["number"]}>{node.errors || ""}</td>
              <td className={classes["number"]}>{formatDuration(node.durationNs)}</td>
              <td className={classes["number"]}>{node.tokens > 0 ? formatCount(node.tokens) : ""}</td>
              <td className={classes["number"]}>{node.usd > 0 ? formatUsd(String(node.usd)) : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {nodes.length > MAX_LISTED ? (
        <p className={classes["note"]}>The first {formatInteger(MAX_LISTED)} are listed; search in the waterfall.</p>
      ) : null}
    </>
  );
}
