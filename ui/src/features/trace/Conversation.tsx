import { useState } from "react";
import { Button } from "@/kit/Button";
import { CopyButton } from "@/kit/CopyButton";
import { FileIcon, ImageIcon } from "@/kit/icons";
import { JsonTree } from "@/kit/JsonTree";
import { KindIcon } from "@/kit/KindIcon";
import { safeUrl } from "@/kit/safeUrl";
import { TextContent } from "@/kit/TextContent";
import { formatBytes, formatInteger } from "@/lib/format";
import classes from "./Conversation.module.css";
import { type ConversationMessage, type ConversationPart, conversationText, type ToolCall } from "./conversation";

/** A long history is folded to its first and its last messages. */
const FOLD_ABOVE = 14;
const KEEP_LAST = 8;

type ConversationProps = {
  messages: readonly ConversationMessage[];
  /** How many of the last messages are the model's answer. */
  outputs: number;
  finishReasons: readonly string[];
};

/** Messages as a chat, oldest first, the answer at the end. */
export function Conversation({ messages, outputs, finishReasons }: ConversationProps) {
  const [folded, setFolded] = useState(messages.length > FOLD_ABOVE);
  const firstOutput = messages.length - outputs;
  const hiddenFrom = 1;
  const hiddenTo = messages.length - KEEP_LAST;
  return (
    <div className={classes["list"]}>
      {messages.map((message, index) => {
        if (folded && index === hiddenFrom) {
          return (
            <div key="older" className={classes["older"]}>
              <Button look="quiet" onClick={() => setFolded(false)}>
                Show {formatInteger(hiddenTo - hiddenFrom)} earlier messages
              </Button>
            </div>
          );
        }
        if (folded && index > hiddenFrom && index < hiddenTo) return null;
        const choice = index - firstOutput;
        return (
          <MessageView
            key={index}
            message={message}
            output={choice >= 0}
            note={choice >= 0 ? answerNote(choice, outputs, finishReasons) : `${index + 1}`}
          />
        );
      })}
    </div>
  );
}

function answerNote(choice: number, outputs: number, finishReasons: readonly string[]): string {
  const which = outputs > 1 ? `Answer ${choice + 1} of ${outputs}` : "Answer";
  const reason = finishReasons[choice] ?? (outputs === 1 ? finishReasons[0] : undefined);
  return reason ? `${which} · ${reason}` : which;
}

type MessageProps = { message: ConversationMessage; output: boolean; note: string };

function MessageView({ message, output, note }: MessageProps) {
  return (
    <article className={classes["message"]} data-role={knownRole(message.role)} data-output={output}>
      <div className={classes["head"]}>
        <span className={classes["role"]}>{message.role || "unknown role"}</span>
        {message.name ? <span>{message.name}</span> : null}
        <span className={classes["note"]}>{note}</span>
        <CopyButton text={() => conversationText([message])} label="Copy the message" />
      </div>
      {message.parts.length === 0 ? <p className={classes["label"]}>Empty message</p> : null}
      {message.parts.map((part, index) => (
        <PartView key={index} part={part} />
      ))}
    </article>
  );
}

/** Roles are free text: only known ones may reach an attribute. */
function knownRole(role: string): string {
  return ["user", "assistant", "system", "developer", "tool"].includes(role) ? role : "other";
}

function PartView({ part }: { part: ConversationPart }) {
  switch (part.type) {
    case "text":
      return (
        <div>
          <TextContent text={part.text} />
        </div>
      );
    case "reasoning":
      return (
        <div className={classes["reasoning"]}>
          <p className={classes["label"]}>Reasoning</p>
          <TextContent text={part.text} />
        </div>
      );
    case "tool_call":
      return <ToolCallView call={part.call} />;
    case "tool_result":
      return (
        <div>
          <p className={classes["label"]}>Result{part.id ? ` of ${part.id}` : ""}</p>
          <Value value={part.value} />
        </div>
      );
    case "media":
      return <Media part={part} />;
    case "other":
      return <JsonTree value={part.value} />;
  }
}

function ToolCallView({ call }: { call: ToolCall }) {
  return (
    <div className={classes["call"]}>
      <div className={classes["callHead"]}>
        <KindIcon kind="tool" />
        <span>{call.name || "unnamed tool"}</span>
        <span className={classes["callId"]} title={call.id}>
          {call.id}
        </span>
      </div>
      <div className={classes["callPart"]}>
        <p className={classes["label"]}>Arguments</p>
        <Value value={call.arguments} />
      </div>
      {call.result ? (
        <div className={classes["callPart"]}>
          <p className={classes["label"]}>Result</p>
          <Value value={call.result.value} />
        </div>
      ) : null}
    </div>
  );
}

function Value({ value }: { value: unknown }) {
  if (typeof value === "string") return <TextContent text={value} look="code" />;
  return <JsonTree value={value ?? null} />;
}

function Media({ part }: { part: Extract<ConversationPart, { type: "media" }> }) {
  const Icon = part.modality.startsWith("image") ? ImageIcon : FileIcon;
  const url = safeUrl(part.uri);
  return (
    <span className={classes["media"]}>
      <Icon size={15} aria-hidden />
      {part.modality}
      {part.name && part.name !== part.modality ? ` · ${part.name}` : ""}
      {part.bytes > 0 ? ` · ${formatBytes(part.bytes)}` : ""}
      {url ? (
        <a href={url.href} target="_blank" rel="noopener noreferrer nofollow" style={{ color: "var(--sl-accent)" }}>
          open on {url.host}
        </a>
      ) : null}
    </span>
  );
}
