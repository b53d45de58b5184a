/** What the histogram shows. */
export const CHARTS = ["traces", "latency", "cost"] as const;
export type Chart = (typeof CHARTS)[number];
