import { describe, expect, it } from "vitest";
import { bucketSearch, drillInto, parseCostSearch, traceQueryOf } from "./search";

describe("parseCostSearch", () => {
  it("keeps what makes sense and drops the rest", () => {
    const search = {
      since: "7d",
      tab: "savings",
      by: "model",
      unit: "fortnight",
      app: "chat",
      user: 4711,
      likeness: 0.8,
      month: "soon",
      maxInput: -1,
      planet: "mars",
    };
    expect(parseCostSearch(search)).toEqual({
      since: "7d",
      tab: "savings",
      by: "model",
      app: "chat",
      user: "4711",
      likeness: 0.8,
    });
  });

  it("keeps the statement of calls without a team", () => {
    expect(parseCostSearch({ tab: "teams", statement: "" })).toEqual({ tab: "teams", statement: "" });
  });

  it("reads names of digits and flags, which do not come as text", () => {
    expect(parseCostSearch({ statement: 42, app: true, invoices: 7 })).toEqual({ statement: "42", app: "true", invoices: "7" });
    expect(parseCostSearch({ statement: true })).toEqual({ statement: "true" });
  });
});

describe("drillInto", () => {
  it("restricts to the group and shows it by the next finer dimension", () => {
    expect(drillInto({ since: "7d" }, "app", "chat")).toEqual({ since: "7d", app: "chat", by: "model" });
    expect(drillInto({ model: "gpt-4o" }, "app", "chat")).toEqual({ model: "gpt-4o", app: "chat", by: "prompt_name" });
    expect(drillInto({ app: "chat" }, "prompt_name", "refund")).toEqual({ app: "chat", prompt_name: "refund", by: "prompt_version" });
    expect(drillInto({}, "provider", "openai")).toEqual({ provider: "openai", by: "model" });
    expect(drillInto({}, "session", "s")).toEqual({ session: "s", by: "operation" });
  });
});

describe("traceQueryOf", () => {
  it("asks for the traces with a call of the group in the query language", () => {
    expect(traceQueryOf({ app: "chat bot" }, "model", "gpt-4o")).toBe('{app:"chat bot" model:gpt-4o -cost_state:none}');
    expect(traceQueryOf({ environment: "prod" }, "user", "")).toBe("{env:prod -has:user -cost_state:none}");
  });

  it("asks for what a call must be besides", () => {
    expect(traceQueryOf({ app: "chat" }, "model", "m", ["prompt_fingerprint:7", "-status:error"])).toBe(
      "{prompt_fingerprint:7 -status:error app:chat model:m -cost_state:none}",
    );
  });

  it("says nothing where the language has no word", () => {
    expect(traceQueryOf({}, "team", "support")).toBeNull();
    expect(traceQueryOf({ tags: "a, b" }, "app", "chat")).toBeNull();
    expect(traceQueryOf({}, "model", "")).toBeNull();
  });
});

describe("bucketSearch", () => {
  const buckets = ["2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"];
  const report = { buckets, start: "2026-11-23T09:30:00Z", end: "2026-11-24T12:00:00Z", unit: "day" as const };

  it("looks at what one bar counts, in the report's range, by the next finer unit and keeps the rest of the question", () => {
    expect(bucketSearch({ since: "14d", app: "chat" }, report, 0)).toEqual({
      app: "chat",
      start: "2026-11-23T09:30:00Z",
      end: "2026-11-24T00:00:00Z",
      unit: "hour",
    });
  });

  it("ends the last bar where the report ends", () => {
    expect(bucketSearch({}, report, 1)).toEqual({ start: "2026-11-24T00:00:00Z", end: "2026-11-24T12:00:00Z", unit: "hour" });
  });
});
