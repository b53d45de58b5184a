import { call, urlOf } from "./client";

/** The recorded call as a shell command or a program; refused when the span is no call that can be made again. */
export function replayScript(traceId: string, spanId: string, format: "curl" | "python") {
  return call("GET /api/v1/traces/{trace_id}/spans/{span_id}/replay", {
    path: { trace_id: traceId, span_id: spanId },
    query: { format },
  });
}

/** Makes the call again at the operator's endpoint; the answer names the new trace. */
export function replayCall(traceId: string, spanId: string) {
  return call("POST /api/v1/traces/{trace_id}/spans/{span_id}/replay", {
    path: { trace_id: traceId, span_id: spanId },
  });
}

export const DOWNLOAD_FORMATS = [
  { format: "otlp-json", label: "OTLP JSON" },
  { format: "jsonl", label: "JSON Lines" },
  { format: "csv", label: "CSV" },
  { format: "parquet", label: "Parquet" },
] as const;

/** Where the browser gets a trace as a file. */
export function traceDownloadUrl(traceId: string, format: (typeof DOWNLOAD_FORMATS)[number]["format"]): string {
  return urlOf("/api/v1/traces/{trace_id}/download", { trace_id: traceId }, { format });
}
