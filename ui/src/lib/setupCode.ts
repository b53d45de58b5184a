/** What sends an app's calls to the server at `endpoint`; `key` where it wants one. */
export function setupCode(endpoint: string, key: string | undefined): string {
  const argument = key === undefined ? "" : `, key="${key}"`;
  return `import sightline\n\nsightline.instrument(app="my-app", endpoint="${endpoint}"${argument})`;
}

/**
 * What sends the spans of any OpenTelemetry SDK there. The protocol is said because some speak gRPC without it; the
 * space of the header has to be encoded.
 */
export function exporterSetting(endpoint: string, key: string | undefined): string {
  return [
    `export OTEL_EXPORTER_OTLP_ENDPOINT="${endpoint}"`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf"',
    ...(key === undefined ? [] : [`export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${key}"`]),
  ].join("\n");
}
