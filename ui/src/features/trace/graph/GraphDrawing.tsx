import { ErrorIcon } from "@/kit/icons";
import { kindColor, KindIcon } from "@/kit/KindIcon";
import { formatCount, formatDuration, formatInteger, formatUsd, plural } from "@/lib/format";
import { KIND_LABEL } from "@/lib/kinds";
import classes from "./AgentGraph.module.css";
import type { AgentGraphData, GraphNode } from "./agentGraph";
import { type GraphLayout, NODE_HEIGHT, NODE_WIDTH, type Point } from "./layout";

type DrawingProps = {
  graph: AgentGraphData;
  layout: GraphLayout;
  isSelected: (position: number) => boolean;
  onSelect: (position: number) => void;
};

/** The graph: edges as SVG, nodes as buttons over it, so that they are reached by keyboard and read out. */
export function GraphDrawing({ graph, layout, isSelected, onSelect }: DrawingProps) {
  const { width, height } = layout;
  return (
    <div className={classes["drawing"]} style={{ width, height }} role="group" aria-label="Agent graph">
      <svg width={width} height={height} aria-hidden className={classes["edges"]}>
        <defs>
          <marker id="graph-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0 8 4 0 8z" className={classes["arrow"]} />
          </marker>
        </defs>
        {graph.edges.map(({ from, to, calls }, index) => (
          <Edge key={`${from} ${to}`} points={layout.edges[index]?.points ?? []} calls={calls} />
        ))}
      </svg>
      {graph.nodes.map((node, index) => (
        <Node
          key={node.id}
          node={node}
          at={layout.nodes[index] ?? { x: 0, y: 0 }}
          selected={isSelected(node.position)}
          onSelect={onSelect}
        />
      ))}
    </div>
  );
}

function Edge({ points, calls }: { points: readonly Point[]; calls: number }) {
  const middle = points[Math.floor(points.length / 2)];
  return (
    <>
      <path d={curve(points)} className={classes["edge"]} markerEnd="url(#graph-arrow)" />
      {calls > 1 && middle ? (
        <text x={middle.x} y={middle.y + 4} textAnchor="middle" className={classes["calls"]}>
          ×{formatCount(calls)}
        </text>
      ) : null}
    </>
  );
}

/** A smooth line through the points: they are the corners that it rounds. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.pop();
  if (!first || !last) return "";
  const corners = rest.map((corner, index) => {
    const next = rest[index + 1] ?? last;
    const end = index === rest.length - 1 ? last : { x: (corner.x + next.x) / 2, y: (corner.y + next.y) / 2 };
    return `Q${corner.x} ${corner.y} ${end.x} ${end.y}`;
  });
  return `M${first.x} ${first.y}${corners.length > 0 ? corners.join("") : `L${last.x} ${last.y}`}`;
}

type NodeProps = { node: GraphNode; at: Point; selected: boolean; onSelect: (position: number) => void };

function Node({ node, at, selected, onSelect }: NodeProps) {
  return (
    <button
      type="button"
      className={classes["node"]}
      data-failed={node.errors > 0}
      aria-pressed={selected}
      style={{
        left: at.x - NODE_WIDTH / 2,
        top: at.y - NODE_HEIGHT / 2,
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        ["--kind" as string]: kindColor(node.kind),
      }}
      title={`${KIND_LABEL[node.kind]}: ${node.label}`}
      onClick={() => onSelect(node.position)}
    >
      <span className={classes["label"]}>
        <KindIcon kind={node.kind} />
        <span className={classes["name"]}>{node.label}</span>
      </span>
      <span className={classes["figures"]}>
        <span>{plural(node.calls, "call")}</span>
        <span>{formatDuration(node.durationNs)}</span>
        {node.usd > 0 ? (
          <span>{formatUsd(String(node.usd))}</span>
        ) : node.tokens > 0 ? (
          <span>{formatCount(node.tokens)} tok</span>
        ) : null}
        {node.errors > 0 ? (
          <span className={classes["errors"]} title={plural(node.errors, "error")}>
            <ErrorIcon size={12} role="img" aria-label="Errors:" />
            {formatInteger(node.errors)}
          </span>
        ) : null}
      </span>
    </button>
  );
}
