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
    expect(draftDocument(draft)["condition"]).toEqual({ kind: "change", ratio: 2 });
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
