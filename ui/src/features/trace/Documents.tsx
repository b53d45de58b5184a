import { Badge } from "@/kit/Badge";
import { JsonTree } from "@/kit/JsonTree";
import { TextContent } from "@/kit/TextContent";
import classes from "./SpanPanel.module.css";

/** Retrieved documents in the order of the retriever; emitters name the fields as they like. */
export function Documents({ documents }: { documents: unknown }) {
  const list: unknown[] = Array.isArray(documents) ? documents : [documents];
  if (list.length === 0) return <p className={classes["dim"]}>Nothing was retrieved.</p>;
  return (
    <section className={classes["section"]} aria-label="Documents">
      <h3 className={classes["heading"]}>Documents ({list.length})</h3>
      {list.map((document, index) => (
        <Document key={index} document={document} index={index} />
      ))}
    </section>
  );
}

function Document({ document, index }: { document: unknown; index: number }) {
  const field = (name: string): unknown =>
    typeof document === "object" && document !== null ? Reflect.get(document, name) : undefined;
  const content = typeof document === "string" ? document : (field("content") ?? field("text"));
  const id = field("id");
  const score = field("score");
  const metadata = field("metadata");
  const hasMetadata = typeof metadata === "object" && metadata !== null && Object.keys(metadata).length > 0;
  return (
    <div className={classes["document"]}>
      <div className={classes["documentHead"]}>
        <span>{index + 1}.</span>
        {["string", "number", "bigint"].includes(typeof id) ? <span className={classes["mono"]}>{String(id)}</span> : null}
        {typeof score === "number" ? <Badge>score {score.toFixed(3)}</Badge> : null}
      </div>
      {typeof content === "string" ? <TextContent text={content} /> : null}
      {hasMetadata ? <JsonTree value={metadata} /> : null}
      {typeof content !== "string" && !hasMetadata && id === undefined ? <JsonTree value={document} /> : null}
    </div>
  );
}
