import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { useEffect } from "react";
import type { ServerInfo } from "@/api/schema";
import { traceListQuery } from "@/api/traceList";
import { CodeBlock } from "@/kit/CodeBlock";
import { PageHeader } from "@/kit/PageHeader";
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
            <CodeBlock label="setup code" code={setupCode(info)} />
            {info.key_required ? (
              <p className={classes["dim"]}>This server wants a key in place of the “…”: one that may write spans.</p>
            ) : null}
          </section>
          <section className={classes["step"]}>
            <h2 className={classes["label"]}>Already on OpenTelemetry?</h2>
            <CodeBlock label="exporter setting" code={exporterSetting(info)} />
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

function setupCode({ otlp_endpoint, key_required }: ServerInfo): string {
  const key = key_required ? ', key="…"' : "";
  return `import sightline\n\nsightline.instrument(app="my-app", endpoint="${otlp_endpoint}"${key})`;
}

/** The protocol is said because some SDKs speak gRPC without it; the space of the header has to be encoded. */
function exporterSetting({ otlp_endpoint, key_required }: ServerInfo): string {
  return [
    `export OTEL_EXPORTER_OTLP_ENDPOINT="${otlp_endpoint}"`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf"',
    ...(key_required ? ['export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20…"'] : []),
  ].join("\n");
}
