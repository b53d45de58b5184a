import type { ScoreView } from "@/api/schema";
import { Badge } from "./Badge";
import { DislikeIcon, LikeIcon } from "./icons";
import classes from "./ScoreBadge.module.css";

const LONGEST = 60;

/** One score: its name and value; who gave it and why on hover. A yes or no is a thumb. */
export function ScoreBadge({ score }: { score: ScoreView }) {
  const { name, value, source, author, comment } = score;
  const by = author ? `${source} ${author}` : source;
  return (
    <Badge tone={toneOf(value)} title={`${name}: ${String(value)} (${by})${comment ? `\n${comment}` : ""}`}>
      <span className={classes["score"]}>
        {name} {typeof value === "boolean" ? <Thumb up={value} /> : <b>{textOf(value)}</b>}
        {comment ? <span className={classes["comment"]}>{shorten(comment)}</span> : null}
      </span>
    </Badge>
  );
}

function Thumb({ up }: { up: boolean }) {
  const Icon = up ? LikeIcon : DislikeIcon;
  return <Icon size={12} role="img" aria-label={up ? "yes" : "no"} />;
}

function toneOf(value: ScoreView["value"]): "ok" | "error" | "neutral" {
  if (typeof value !== "boolean") return "neutral";
  return value ? "ok" : "error";
}

function textOf(value: number | string): string {
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : shorten(value);
}

function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
