import type { ComponentProps, ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { revealHidden } from "@/lib/characters";
import { ImageIcon } from "./icons";
import classes from "./Markdown.module.css";
import { safeUrl } from "./safeUrl";

const REMARK = [remarkGfm];
const REHYPE = [() => revealTexts, () => setTagsApart];

/**
 * Text of strangers as markdown. Raw HTML stays text, nothing is loaded from anywhere, links lead out in a new
 * tab and show their host. Headings are remapped: model output must not enter the page's outline.
 */
export default function Markdown({ text }: { text: string }) {
  return (
    <div className={classes["markdown"]} dir="auto">
      <ReactMarkdown
        remarkPlugins={REMARK}
        rehypePlugins={REHYPE}
        components={COMPONENTS}
        urlTransform={(url) => safeUrl(url)?.href ?? ""}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}

type Tree = { type: string; value?: string; tagName?: string; properties?: object; children?: Tree[] };

/**
 * Shows hidden characters of the tree as numbers, also those that were written as `&#x202E;`: the elements are made by
 * react-markdown, without the runtime of `lib/shownText`.
 */
function revealTexts(tree: Tree): void {
  if (tree.value !== undefined) tree.value = revealHidden(tree.value);
  tree.children?.forEach(revealTexts);
}

/** Gives blocks of tags a paragraph, which keeps their lines: prompts mark their parts so, `<rules>` and `</rules>`. */
function setTagsApart(tree: Tree): void {
  tree.children = tree.children?.map((child) => {
    if (child.type === "raw") return { type: "element", tagName: "p", properties: {}, children: [child] };
    if (child.tagName === "blockquote") setTagsApart(child);
    return child;
  }) ?? [];
}

const COMPONENTS: Components = {
  h1: heading(1),
  h2: heading(2),
  h3: heading(3),
  h4: heading(4),
  h5: heading(5),
  h6: heading(6),
  a: ({ href, children }) => <OutwardLink href={href}>{children}</OutwardLink>,
  img: ({ src, alt }) => <RemoteImage src={typeof src === "string" ? src : ""} alt={alt ?? ""} />,
  input: ({ checked }) => <span>{checked ? "☑" : "☐"}</span>,
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
};

function heading(level: number) {
  return function Heading({ children }: ComponentProps<"h1">) {
    return (
      <p className={classes["heading"]} data-level={level}>
        {children}
      </p>
    );
  };
}

function OutwardLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const url = safeUrl(href ?? "");
  if (!url) return <span>{children}</span>;
  return (
    <>
      <a className={classes["link"]} href={url.href} target="_blank" rel="noopener noreferrer nofollow" title={url.href}>
        {children}
      </a>{" "}
      <span className={classes["host"]}>({url.host})</span>
    </>
  );
}

/** An image that a span names is never fetched: it would tell its host that the trace is being read. */
function RemoteImage({ src, alt }: { src: string; alt: string }) {
  const url = safeUrl(src);
  return (
    <span className={classes["image"]}>
      <ImageIcon size={14} aria-hidden />
      <span>{alt || "Image"}</span>
      {url ? (
        <a className={classes["link"]} href={url.href} target="_blank" rel="noopener noreferrer nofollow">
          open on {url.host}
        </a>
      ) : null}
    </span>
  );
}
