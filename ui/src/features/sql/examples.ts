/** Questions to begin with. */
export const EXAMPLES: readonly { title: string; sql: string }[] = [
  {
    title: "Slowest models this week",
    sql: `SELECT model, count() AS calls, quantile(0.95)(duration_ns) / 1e6 AS p95_ms
FROM spans
WHERE start_time > now64(9) - INTERVAL 7 DAY AND kind = 'llm' AND counted
GROUP BY model
ORDER BY p95_ms DESC
LIMIT 20`,
  },
  {
    title: "Cost by app and day",
    sql: `SELECT toStartOfDay(bucket) AS day, app, sum(cost_usd) AS usd, sum(calls) AS calls
FROM rollup_hour
WHERE bucket > now() - INTERVAL 14 DAY
GROUP BY day, app
ORDER BY day DESC, usd DESC`,
  },
  {
    title: "Tools that fail most",
    sql: `SELECT tool_name, count() AS runs, countIf(status = 'error') AS errors,
  argMaxIf(status_message, start_time, status = 'error') AS newest_error
FROM spans
WHERE start_time > now64(9) - INTERVAL 7 DAY AND kind = 'tool'
GROUP BY tool_name
ORDER BY errors DESC
LIMIT 20`,
  },
];
