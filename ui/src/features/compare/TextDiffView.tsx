import { Fragment, useState } from "react";
import type { TextDifference, TextPiece } from "@/api/schema";
import { formatInteger, plural } from "@/lib/format";
import classes from "./Compare.module.css";
import { foldEqual } from "./foldEqual";

/** A piece longer than this is cut until it is asked for. */
const SHOWN_CHARACTERS = 20_000;

/** A text with what was taken out and put in marked as such, by element, line and colour. */
export function TextDiffView({ difference, folds }: { difference: TextDifference; folds: boolean }) {
  const { pieces, cut } = difference;
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so it must take the focus */}
      <div className={classes["text"]} dir="auto" tabIndex={0} role="group" aria-label="Text difference">
        {pieces.map((piece, index) => (
          <Piece
            key={index}
            piece={piece}
            isFirst={index === 0}
            isLast={index === pieces.length - 1}
            folds={folds}
          />
        ))}
      </div>
      {cut ? <p className={classes["dim"]}>The texts are longer than is compared; the rest is in the traces.</p> : null}
    </>
  );
}

type PieceProps = { piece: TextPiece; isFirst: boolean; isLast: boolean; folds: boolean };

function Piece({ piece, isFirst, isLast, folds }: PieceProps) {
  const { op, text } = piece;
  if (op === "delete") return <del><Cut text={text} /></del>;
  if (op === "insert") return <ins><Cut text={text} /></ins>;
  if (!folds) return <Cut text={text} />;
  // A text that is the same as a whole shows how it begins.
  return <Equal text={text} isFirst={isFirst && !isLast} isLast={isLast} />;
}

function Equal({ text, isFirst, isLast }: { text: string; isFirst: boolean; isLast: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const folded = isOpen ? null : foldEqual(text, { isFirst, isLast });
  if (!folded) return <Fragment>{text}</Fragment>;
  return (
    <>
      {folded.before}
      <button type="button" className={classes["fold"]} onClick={() => setOpen(true)}>
        {plural(folded.lines, "unchanged line")}
      </button>
      {folded.after}
    </>
  );
}

function Cut({ text }: { text: string }) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen || text.length <= SHOWN_CHARACTERS) return <Fragment>{text}</Fragment>;
  return (
    <>
      {text.slice(0, SHOWN_CHARACTERS)}
      <button type="button" className={classes["fold"]} onClick={() => setOpen(true)}>
        {formatInteger(text.length - SHOWN_CHARACTERS)} more characters
      </button>
    </>
  );
}
