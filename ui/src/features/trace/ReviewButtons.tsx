import { type FormEvent, useState } from "react";
import { Button, IconButton } from "@/kit/Button";
import { TextField } from "@/kit/Fields";
import { CommentIcon, ThumbsDownIcon, ThumbsUpIcon } from "@/kit/icons";
import { Popup } from "@/kit/Popup";
import classes from "./SpanPanel.module.css";
import { useScores } from "./useScores";

/** A thumb up or down on a span, with a comment; the same thumb again takes it back. */
export function ReviewButtons({ traceId, spanId }: { traceId: string; spanId: string }) {
  const { review, error, isBusy, write, remove } = useScores(traceId, spanId);
  const [isOpen, setOpen] = useState(false);
  const choose = (value: boolean): void => {
    if (review?.value === value) remove(review.score_id);
    else write(value, review?.comment ?? "");
  };
  return (
    <>
      <IconButton label="Good" pressed={review?.value === true} disabled={isBusy} onClick={() => choose(true)}>
        <ThumbsUpIcon size={14} />
      </IconButton>
      <IconButton label="Bad" pressed={review?.value === false} disabled={isBusy} onClick={() => choose(false)}>
        <ThumbsDownIcon size={14} />
      </IconButton>
      <Popup
        open={isOpen}
        onChange={setOpen}
        label="Review of the span"
        target={
          <IconButton
            label={review?.comment ? "Change the comment" : "Comment"}
            pressed={Boolean(review?.comment)}
            onClick={() => setOpen(!isOpen)}
          >
            <CommentIcon size={14} />
          </IconButton>
        }
      >
        <CommentForm
          key={review?.score_id}
          value={review?.value !== false}
          comment={review?.comment ?? ""}
          isBusy={isBusy}
          // What was refused stays to be sent again.
          onSave={(value, comment) => write(value, comment, () => setOpen(false))}
        />
      </Popup>
      {error ? (
        <span role="alert" className={classes["refused"]}>
          {error.message}
        </span>
      ) : null}
    </>
  );
}

type FormProps = {
  value: boolean;
  comment: string;
  isBusy: boolean;
  onSave: (value: boolean, comment: string) => void;
};

/** More the API refuses. */
const COMMENT_LENGTH = 10_000;

function CommentForm({ value, comment, isBusy, onSave }: FormProps) {
  const [text, setText] = useState(comment);
  const [isGood, setGood] = useState(value);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSave(isGood, text.trim());
  };
  return (
    <form onSubmit={submit} className={classes["review"]}>
      <TextField label="Comment" value={text} onChange={setText} maxLength={COMMENT_LENGTH} />
      <div className={classes["reviewLine"]}>
        <IconButton label="It is good" pressed={isGood} onClick={() => setGood(true)}>
          <ThumbsUpIcon size={14} />
        </IconButton>
        <IconButton label="It is bad" pressed={!isGood} onClick={() => setGood(false)}>
          <ThumbsDownIcon size={14} />
        </IconButton>
        <Button type="submit" look="primary" busy={isBusy}>
          Save
        </Button>
      </div>
    </form>
  );
}
