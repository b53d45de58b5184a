import type { CreatedKey as Created } from "@/api/schema";
import { Button } from "@/kit/Button";
import { CodeBlock } from "@/kit/CodeBlock";
import { baseUrl } from "@/lib/baseUrl";
import { exporterSetting, setupCode } from "@/lib/setupCode";
import classes from "./Settings.module.css";

type CreatedProps = { created: Created; endpoint: string; onClose: () => void };

/** A key that was just made, and what to do with it. */
export function CreatedKey({ created: { key, name, role, project }, endpoint, onClose }: CreatedProps) {
  return (
    <div className={classes["form"]}>
      <p className={classes["told"]}>
        The {role} key of <b>{name}</b> for project <b>{project}</b>. Running servers know it within seconds. It is not shown
        again: what is stored is its hash.
      </p>
      <div ref={focusCode}>
        <CodeBlock label="key" code={key} wraps />
      </div>
      {role === "read" ? null : (
        <>
          <h3 className={classes["label"]}>In an app, before the first call</h3>
          <CodeBlock label="setup code" code={setupCode(endpoint, key)} />
          <h3 className={classes["label"]}>Or in its environment</h3>
          <CodeBlock label="variables" code={`export SIGHTLINE_ENDPOINT="${endpoint}"\nexport SIGHTLINE_API_KEY="${key}"`} />
          <h3 className={classes["label"]}>Already on OpenTelemetry?</h3>
          <CodeBlock label="exporter setting" code={exporterSetting(endpoint, key)} />
        </>
      )}
      {role === "write" ? null : (
        <>
          <h3 className={classes["label"]}>To read</h3>
          <CodeBlock
            label="command"
            code={`curl -H "Authorization: Bearer ${key}" "${new URL("api/v1/traces?since=24h", baseUrl()).href}"`}
          />
          <p className={classes["note"]}>In a browser it is the password of any name.</p>
        </>
      )}
      <div className={classes["actions"]}>
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}

/** What had the focus is gone, and the next key press must not close the dialog. */
function focusCode(block: HTMLElement | null): void {
  block?.querySelector("pre")?.focus();
}
