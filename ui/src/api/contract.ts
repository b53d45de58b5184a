export type FacetValue = { value: string; traces: number };
export type TraceFacet = { field: string; values: FacetValue[]; more: boolean };
export type TraceFacets = { facets: TraceFacet[] };
export type TraceBucket = {
  start: string;
  traces: number;
  errors: number;
  p50_ns: number;
  p95_ns: number;
  cost_usd: string | null;
};
export type TraceHistogram = { bucket_s: number; buckets: TraceBucket[] };
export type TraceGroup = {
  value: string;
  traces: number;
  errors: number;
  p50_ns: number;
  p95_ns: number;
  tokens: number;
  cost_usd: string | null;
};
export type TraceGroups = { by: string; groups: TraceGroup[]; more: boolean };
export type QueryCompletion = {
  start: number;
  end: number;
  options: { text: string; kind: "field" | "fact" | "value" | "keyword"; meaning: string; traces: number | null }[];
};
