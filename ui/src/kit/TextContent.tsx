import { lazy, Suspense, useMemo, useState } from "react";
import { formatInteger } from "@/lib/format";
import { parseJson } from "@/lib/json";
import { usePreferences } from "@/lib/preferences";
import { JsonTree } from "./JsonTree";
import classes from "./TextContent.module.css";

const Markdown = lazy(() => import("./Markdown"));

/** Text beyond this is shown on request: a 1 MB message must not stall the page. */
const SHOWN_CHARACTERS = 4_000;
/** One click shows at most this much more. */
const CHUNK_CHARACTERS = 100_000;
/** Markdown above this is laid out as plain text. */
const MARKDOWN_LIMIT = 60_000;

type Look = "auto" | "plain" | "code";

/** Text of strangers: JSON as a tree, else markdown when that is wanted, else as it is. Long text is cut. */
export function TextContent({ text, look = "auto" }: { text: string; look?: Look }) {
  const json = useMemo(() => (look === "auto" ? treeOf(text) : undefined), [text, look]);
  if (json !== undefined) return <JsonTree value={json} />;
  return <LongText text={text} look={look} />;
}

function LongText({ text, look }: { text: string; look: Look }) {
  const [{ renderMarkdown }] = usePreferences();
  const [limit, setLimit] = useState(SHOWN_CHARACTERS);
  // A little over the limit is shown whole: "12 more characters" helps nobody.
  const cut = text.length > limit * 1.2;
  const shown = cut ? text.slice(0, limit) : text;
  const plain = (
    <p className={`${classes["plain"]} ${look === "code" ? classes["mono"] : ""}`} dir="auto">
      {shown}
      {cut ? "…" : ""}
    </p>
  );
  return (
    <>
      {look === "auto" && renderMarkdown && shown.length <= MARKDOWN_LIMIT ? (
        <Suspense fallback={plain}>
          <Markdown text={shown} />
        </Suspense>
      ) : (
        plain
      )}
      {cut ? (
        <button type="button" className={classes["more"]} onClick={() => setLimit(limit + CHUNK_CHARACTERS)}>
          Show {formatInteger(Math.min(text.length - limit, CHUNK_CHARACTERS))} more characters
          {text.length - limit > CHUNK_CHARACTERS ? ` of ${formatInteger(text.length - limit)}` : ""}
        </button>
      ) : null}
    </>
  );
}

/** The value when the text is a JSON object or array; a bare number or word is more likely prose. */
function treeOf(text: string): unknown {
  const start = text.trimStart()[0];
  if (start !== "{" && start !== "[") return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
