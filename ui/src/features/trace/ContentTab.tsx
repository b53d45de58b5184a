import type { ReactNode } from "react";
import type { Message, SpanDetail } from "@/api/schema";
import { CopyButton } from "@/kit/CopyButton";
import { JsonTree } from "@/kit/JsonTree";
import { TextContent } from "@/kit/TextContent";
import { writeJson } from "@/lib/json";
import { changePreferences, usePreferences } from "@/lib/preferences";
import { Conversation } from "./Conversation";
import { readConversation } from "./conversation";
import { Documents } from "./Documents";
import classes from "./SpanPanel.module.css";
import { Verdicts } from "./Verdicts";

/** What went in and what came out, with what went wrong on top. */
export function ContentTab({ span }: { span: SpanDetail }) {
  return (
    <div className={classes["content"]}>
      <Verdicts span={span} />
      {span.documents ? <Documents documents={span.documents} /> : null}
      {span.input_messages || span.output_messages ? <ModelContent span={span} /> : <PlainContent span={span} />}
    </div>
  );
}

function ModelContent({ span }: { span: SpanDetail }) {
  const instructions = instructionsOf(span.system_instructions);
  const inputs = span.input_messages ?? [];
  const outputs = span.output_messages ?? [];
  const messages = readConversation([...instructions, ...inputs, ...outputs]);
  const answers = readConversation(outputs).length;
  return (
    <>
      {isEmpty(span.tool_definitions) ? null : (
        <Section title={toolsTitle(span.tool_definitions)}>
          <div className={classes["box"]}>
            <JsonTree value={span.tool_definitions} />
          </div>
        </Section>
      )}
      <section className={classes["section"]} aria-label="Conversation">
        <h3 className={classes["heading"]}>
          Conversation <MarkdownSwitch />
        </h3>
        <Conversation messages={messages} outputs={answers} finishReasons={span.finish_reasons} />
        {span.input_text ? <TextBox title="Input" text={span.input_text} /> : null}
        {span.output_text ? <TextBox title="Output" text={span.output_text} /> : null}
      </section>
    </>
  );
}

function PlainContent({ span }: { span: SpanDetail }) {
  const { input_text: input, output_text: output } = span;
  if (!input && !output) {
    return <p className={classes["dim"]}>This span carries no content. Its attributes may tell more.</p>;
  }
  return (
    <>
      {input ? <TextBox title="Input" text={input} /> : null}
      {output ? <TextBox title="Output" text={output} /> : null}
    </>
  );
}

function TextBox({ title, text }: { title: string; text: string }) {
  return (
    <Section title={title} tools={<CopyButton text={text} label={`Copy the ${title.toLowerCase()}`} />}>
      <div className={classes["box"]}>
        <TextContent text={text} />
      </div>
    </Section>
  );
}

function Section({ title, tools, children }: { title: string; tools?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes["section"]} aria-label={title}>
      <h3 className={classes["heading"]}>
        {title} {tools}
      </h3>
      {children}
    </section>
  );
}

function MarkdownSwitch() {
  const [{ renderMarkdown }] = usePreferences();
  return (
    <button
      type="button"
      className={classes["switch"]}
      aria-pressed={renderMarkdown}
      onClick={() => changePreferences({ renderMarkdown: !renderMarkdown })}
    >
      Markdown {renderMarkdown ? "on" : "off"}
    </button>
  );
}

/** Separate instructions come as text parts, or as plain text from emitters that know no parts. */
function instructionsOf(instructions: unknown): Message[] {
  if (isEmpty(instructions)) return [];
  if (typeof instructions === "string") {
    return [{ role: "system", parts: [{ type: "text", content: instructions }] }];
  }
  const parts = Array.isArray(instructions) ? (instructions as unknown[]) : [instructions];
  return [
    {
      role: "system",
      parts: parts.map((part) =>
        typeof part === "object" && part !== null && "type" in part && typeof part.type === "string"
          ? { ...part, type: part.type }
          : { type: "text", content: typeof part === "string" ? part : writeJson(part) },
      ),
    },
  ];
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

function toolsTitle(definitions: unknown): string {
  return Array.isArray(definitions) ? `Tools offered (${definitions.length})` : "Tools offered";
}
