import { CopyButton } from "./CopyButton";
import classes from "./CodeBlock.module.css";

/** Code to read and copy. `wraps`: a long line is broken instead of scrolled, so that all of it can be seen. */
export function CodeBlock({ code, label, wraps = false }: { code: string; label: string; wraps?: boolean }) {
  return (
    <div className={classes["block"]}>
      <pre className={classes["code"]} data-wraps={wraps} tabIndex={0} aria-label={label}>
        {code}
      </pre>
      <div className={classes["copy"]}>
        <CopyButton text={code} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
