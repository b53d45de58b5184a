import { lazy, Suspense, useContext, useMemo, useState } from "react";
import { formatInteger } from "@/lib/format";
import { parseJson } from "@/lib/json";
import { usePreferences } from "@/lib/preferences";
import { JsonTree } from "./JsonTree";
import { Sought } from "./sought";
import classes from "./TextContent.module.css";

const Markdown = lazy(() => import("./Markdown"));

/** Text beyond this is shown on request: a 1 MB message must not stall the page. */
const SHOWN_CHARACTERS = 4_000;
/** One click shows at most this much more. */
const CHUNK_CHARACTERS = 100_000;
/** What is looked for is shown where it is, unless it is further behind: that much is laid out in an instant. */
const SOUGHT_WITHIN = 400_000;
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
  const sought = useContext(Sought).toLowerCase();
  const found = useMemo(() => (sought === "" ? -1 : text.toLowerCase().indexOf(sought)), [text, sought]);
  const [asked, setAsked] = useState(SHOWN_CHARACTERS);
  const limit = Math.max(asked, found < 0 || found > SOUGHT_WITHIN ? 0 : found + SHOWN_CHARACTERS);
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
        <button type="button" className={classes["more"]} onClick={() => setAsked(limit + CHUNK_CHARACTERS)}>
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
