import type { SpanDetail } from "@/api/schema";
import { CopyButton } from "@/kit/CopyButton";
import { JsonTree } from "@/kit/JsonTree";
import { writeJson } from "@/lib/json";
import classes from "./SpanPanel.module.css";

/** The API's answer as it came. */
export function RawTab({ span }: { span: SpanDetail }) {
  return (
    <div className={classes["content"]}>
      <h3 className={classes["heading"]}>
        The API’s answer <CopyButton text={() => writeJson(span, 2)} label="Copy as JSON" />
      </h3>
      <JsonTree value={span} open />
    </div>
  );
}
