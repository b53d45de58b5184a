import type { KeyboardEvent, PointerEvent } from "react";
import classes from "./ResizeHandle.module.css";

type HandleProps = {
  label: string;
  value: number;
  min: number;
  max: number;
  /** Which way the handle moves to make the thing larger. */
  grows: "left" | "right";
  onChange: (value: number) => void;
};

const KEY_STEP_PX = 24;

/** A vertical line between two panes that is dragged, or moved with the arrow keys. */
export function ResizeHandle({ label, value, min, max, grows, onChange }: HandleProps) {
  const sign = grows === "right" ? 1 : -1;
  const set = (next: number): void => onChange(Math.round(Math.min(max, Math.max(min, next))));
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    event.preventDefault();
    const handle = event.currentTarget;
    const from = event.clientX;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent): void => set(value + sign * (moved.clientX - from));
    const stop = (): void => handle.removeEventListener("pointermove", move);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", stop, { once: true });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (direction === 0) return;
    event.preventDefault();
    set(value + sign * direction * KEY_STEP_PX);
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      className={classes["handle"]}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}
