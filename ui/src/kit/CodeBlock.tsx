import { CopyButton } from "./CopyButton";
import classes from "./CodeBlock.module.css";

/** Code to read and copy. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className={classes["block"]}>
      <pre className={classes["code"]} tabIndex={0} aria-label={label}>
        {code}
      </pre>
      <div className={classes["copy"]}>
        <CopyButton text={code} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
