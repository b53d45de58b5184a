import { type RuleDraft, unitOf } from "./ruleDraft";

/** When a rule fires, in words: `alert from $10, warning from $5, over 15m`. */
export function conditionText({ kind, condition, measure, window }: RuleDraft): string {
  const value = (name: string): string => condition[name] ?? "";
  const amount = (name: string): string => (value(name) ? withUnit(value(name), measure) : "");
  const parts = {
    threshold: () => {
      const line = value("direction") === "below" ? "at or below" : "from";
      return [
        amount("alert") && `alert ${line} ${amount("alert")}`,
        amount("warn") && `warning ${line} ${amount("warn")}`,
        amount("recover") && `recovers at ${amount("recover")}`,
      ];
    },
    budget: () => [`budget of ${amount("amount")} a ${value("period")}`, value("zone")],
    burn_rate: () => [
      `budget of ${amount("amount")} for ${value("period")}`,
      value("factor") && `alert when it is used up ${value("factor")} times too fast`,
      value("warn_factor") && `warning from ${value("warn_factor")} times`,
      `over ${value("fast")} and ${value("slow")}`,
    ],
    anomaly: () => [
      `${value("deviations") || "5"} deviations off what is usual at the hour`,
      Number(value("floor")) > 0 && `by at least ${amount("floor")}`,
    ],
    change: () => [
      `${value("ratio")}% ${value("direction") === "below" ? "below" : "above"} the window before`,
      Number(value("floor")) > 0 && `by at least ${amount("floor")}`,
    ],
    absence: () => ["nothing arrives"],
  }[kind]();
  // Those two say themselves what time they look at.
  const over = kind === "budget" || kind === "burn_rate" ? "" : `over ${window}`;
  return [...parts, over].filter(Boolean).join(", ");
}

function withUnit(typed: string, measure: string): string {
  const unit = unitOf(measure);
  if (unit === "$") return `$${typed}`;
  return unit === "ms" ? `${typed} ms` : `${typed}${unit}`;
}
