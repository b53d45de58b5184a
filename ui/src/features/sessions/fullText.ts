import type { Message, SpanDetail } from "@/api/schema";

/** The last thing that a user said in what went into a span, else all of its text. */
export function readInput(span: SpanDetail): string {
  const messages = span.input_messages ?? [];
  const asked = messages.toReversed().find((message) => message.role === "user" && textOf(message) !== "");
  return asked ? textOf(asked) : (span.input_text ?? messages.map(textOf).filter(Boolean).join("\n\n"));
}

/** The text of what came out of a span. */
export function readOutput(span: SpanDetail): string {
  const answers = (span.output_messages ?? []).map(textOf).filter(Boolean);
  return answers.length > 0 ? answers.join("\n\n") : (span.output_text ?? "");
}

function textOf({ parts }: Message): string {
  return parts
    .map((part) => (part.type === "text" && typeof part["content"] === "string" ? part["content"] : ""))
    .filter(Boolean)
    .join("\n");
}
