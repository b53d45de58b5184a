import { describe, expect, it } from "vitest";
import { draftDocument, draftOf, emptyDraft } from "./ruleDraft";

describe("a rule that is edited", () => {
  it("keeps what the form does not show", () => {
    const stored = {
      key: "spend",
      name: "Spend",
      measure: "cost",
      score: "",
      query: "env:prod",
      group_by: ["app", "user"],
      window: "15m",
      no_data: "zero",
      channels: ["on-call"],
      runbook: "Ask.",
      mutes: [{ days: ["monday"], start: "22:00", end: "06:00", zone: "UTC" }],
      depends_on: "team",
      condition: { kind: "budget", amount: 500, period: "month", zone: "UTC", steps: [50, 100], forecast: false },
    };
    const { key, ...document } = stored;
    expect(draftDocument(draftOf(stored))).toEqual(document);
    expect(draftOf(stored).key).toBe(key);
  });

  it("drops the fields of the condition that was chosen before", () => {
    const draft = { ...draftOf({ condition: { kind: "budget", amount: 5, steps: [50] } }), kind: "change" as const, condition: { ratio: "2" } };
    expect(draftDocument(draft)["condition"]).toEqual({ kind: "change", ratio: 0.02 });
  });
});

const typed = (measure: string, alert: string) => draftDocument({ ...emptyDraft(), measure, condition: { alert } });

describe("the unit of what is typed", () => {
  it("is the measure's, and the document's is another", () => {
    expect(typed("cost", "10")["condition"]).toEqual({ kind: "threshold", alert: 10 });
    expect(typed("error_rate", "7")["condition"]).toEqual({ kind: "threshold", alert: 0.07 });
    expect(typed("unpriced_share", "0.5")["condition"]).toEqual({ kind: "threshold", alert: 0.005 });
    expect(typed("first_token_p95", "800")["condition"]).toEqual({ kind: "threshold", alert: 800_000_000 });
  });

  it("comes back as it was typed", () => {
    for (const [measure, alert] of [["error_rate", "7"], ["latency_p95", "0.3"], ["cost", "0.1"], ["score", "0.7"]] as const) {
      expect(draftOf(typed(measure, alert)).condition["alert"]).toBe(alert);
    }
  });
});

describe("a new rule", () => {
  it("leaves out what is empty and leaves what is no number to the server", () => {
    const draft = { ...emptyDraft(), condition: { alert: "ten", warn: " " } };
    const document = draftDocument(draft);
    expect(document["condition"]).toEqual({ kind: "threshold", alert: "ten" });
    expect(document).not.toHaveProperty("remind_every");
  });
});
