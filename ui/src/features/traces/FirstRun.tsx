import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Navigate } from "@tanstack/react-router";
import { useEffect } from "react";
import type { ServerInfo } from "@/api/schema";
import { traceListQuery } from "@/api/traceList";
import { CodeBlock } from "@/kit/CodeBlock";
import { PageHeader } from "@/kit/PageHeader";
import { exporterSetting, setupCode } from "@/lib/setupCode";
import classes from "./FirstRun.module.css";

/** What to paste into an app; turns into the first trace as soon as a span of it has arrived. */
export function FirstRun({ info }: { info: ServerInfo }) {
  const { data } = useInfiniteQuery({
    ...traceListQuery({ since: "all" }, "-start"),
    enabled: info.has_spans,
  });
  const client = useQueryClient();
  useEffect(() => {
    // Lists that were asked for before are empty, and no longer right.
    if (info.has_spans) void client.invalidateQueries({ queryKey: ["traces"] });
  }, [client, info.has_spans]);
  const first = data?.pages[0]?.traces[0];
  const key = info.key_required ? "…" : undefined;
  if (first) return <Navigate to="/t/$traceId" params={{ traceId: first.trace_id }} />;
  return (
    <>
      <PageHeader title="Traces" />
      <div className={classes["page"]}>
        <div className={classes["card"]}>
          <p className={classes["lead"]}>One line, and your app’s model calls appear here.</p>
          <section className={classes["step"]}>
            <h2 className={classes["label"]}>1. Install it next to your app</h2>
            <CodeBlock label="install command" code="pip install sightline" />
          </section>
          <section className={classes["step"]}>
            <h2 className={classes["label"]}>2. Add this before the first call</h2>
            <CodeBlock label="setup code" code={setupCode(info.otlp_endpoint, key)} />
            {info.key_required ? (
              <p className={classes["dim"]}>
                This server wants a key in place of the “…”: one that may write spans.
                {info.runs_server ? (
                  <>
                    {" "}
                    <Link to="/settings" search={{ tab: "keys" }}>
                      Make one
                    </Link>
                  </>
                ) : null}
              </p>
            ) : null}
          </section>
          <section className={classes["step"]}>
            <h2 className={classes["label"]}>Already on OpenTelemetry?</h2>
            <CodeBlock label="exporter setting" code={exporterSetting(info.otlp_endpoint, key)} />
          </section>
          <p className={classes["waiting"]} role="status">
            <span className={classes["pulse"]} />
            Waiting for the first span…
          </p>
        </div>
      </div>
    </>
  );
}
