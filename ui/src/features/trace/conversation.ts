import type { Message, MessagePart } from "@/api/schema";
import { parseJson, writeJson } from "@/lib/json";

/** A tool call with the result that a later message gave for it. */
export type ToolCall = { name: string; id: string; arguments: unknown; result: { value: unknown } | undefined };

export type ConversationPart =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  | { type: "tool_call"; call: ToolCall }
  | { type: "tool_result"; id: string; value: unknown }
  | { type: "media"; modality: string; name: string; uri: string; bytes: number }
  | { type: "other"; value: MessagePart };

export type ConversationMessage = { role: string; name: string; parts: ConversationPart[] };

/**
 * Messages as they are read: every tool call carries its result, and a result that was placed with its call is
 * not shown a second time. A result without a call before it stays where it was.
 */
export function readConversation(messages: readonly Message[]): ConversationMessage[] {
  const { resultOfCall, placed } = placeResults(messages.flatMap((message) => message.parts));
  return messages
    .map((message) => ({
      role: message.role,
      name: textOf(message, "name"),
      parts: message.parts.filter((part) => !placed.has(part)).map((part) => readPart(part, resultOfCall.get(part))),
    }))
    .filter((message, index) => message.parts.length > 0 || (messages[index]?.parts.length ?? 0) === 0);
}

/** Some frameworks count their calls anew in every turn: a result answers the first open call of its id. */
function placeResults(parts: readonly MessagePart[]) {
  const open = new Map<string, MessagePart[]>();
  const resultOfCall = new Map<MessagePart, MessagePart>();
  const placed = new Set<MessagePart>();
  for (const part of parts) {
    const id = textOf(part, "id");
    if (part.type === "tool_call" && id) open.set(id, [...(open.get(id) ?? []), part]);
    const call = part.type === "tool_call_response" ? open.get(id)?.shift() : undefined;
    if (!call) continue;
    resultOfCall.set(call, part);
    placed.add(part);
  }
  return { resultOfCall, placed };
}

/** All readable text of a conversation, for copying. */
export function conversationText(messages: readonly ConversationMessage[]): string {
  return messages.map(({ role, parts }) => `## ${role}\n${parts.map(partText).join("\n")}`).join("\n\n");
}

function readPart(part: MessagePart, answer: MessagePart | undefined): ConversationPart {
  const content = Reflect.get(part, "content") as unknown;
  switch (part.type) {
    case "text":
    case "reasoning":
      return typeof content === "string"
        ? { type: part.type, text: content }
        : { type: "other", value: part };
    case "tool_call": {
      const result = answer ? { value: resultOf(answer) } : undefined;
      const id = textOf(part, "id");
      return {
        type: "tool_call",
        call: { name: textOf(part, "name"), id, arguments: parsed(Reflect.get(part, "arguments")), result },
      };
    }
    case "tool_call_response":
      return { type: "tool_result", id: textOf(part, "id"), value: resultOf(part) };
    case "blob":
    case "uri":
    case "file":
      return {
        type: "media",
        modality: textOf(part, "modality") || textOf(part, "mime_type") || "file",
        name: textOf(part, "file_id") || textOf(part, "mime_type"),
        uri: textOf(part, "uri"),
        bytes: typeof content === "string" ? Math.floor((content.length * 3) / 4) : 0,
      };
    default:
      return { type: "other", value: part };
  }
}

function partText(part: ConversationPart): string {
  switch (part.type) {
    case "text":
    case "reasoning":
      return part.text;
    case "tool_call": {
      const call = `${part.call.name}(${writeJson(part.call.arguments)})`;
      return part.call.result ? `${call}\n→ ${valueText(part.call.result.value)}` : call;
    }
    case "tool_result":
      return valueText(part.value);
    case "media":
      return `[${part.modality}] ${part.uri}`;
    case "other":
      return writeJson(part.value);
  }
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : writeJson(value);
}

/** Emitters disagree on the field; the conventions say `response`, older versions said `result`. */
function resultOf(part: MessagePart): unknown {
  for (const name of ["response", "result", "content"]) {
    if (name in part) return parsed(Reflect.get(part, name));
  }
  return null;
}

/** Arguments and results often are JSON in a string. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return parseJson(value);
  } catch {
    return value;
  }
}

function textOf(holder: object, name: string): string {
  const value: unknown = Reflect.get(holder, name);
  return typeof value === "string" ? value : "";
}
