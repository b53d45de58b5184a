import { ABSENT, formatInteger, plural } from "@/lib/format";
import classes from "./ErrorShare.module.css";

/** From this share of failures on they are red instead of amber. */
const BAD_SHARE = 0.05;

/** How many of some traces or calls failed, with the share; loud when it is large. */
export function ErrorShare({ errors, of, noun }: { errors: number; of: number; noun: string }) {
  if (errors === 0) return <span className={classes["none"]}>{ABSENT}</span>;
  const share = errors / Math.max(1, of);
  return (
    <span
      className={classes["some"]}
      data-bad={share >= BAD_SHARE}
      title={`${formatInteger(errors)} of ${plural(of, noun)} failed`}
    >
      {formatInteger(errors)} · {formatShare(share)}
    </span>
  );
}

/** `0.4%`, `12%`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0) return "0%";
  return `${percent >= 9.95 ? percent.toFixed(0) : percent.toFixed(1)}%`;
}
