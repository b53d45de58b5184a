import { describe, expect, it } from "vitest";
import { drillInto, parseCostSearch, traceQueryOf } from "./search";

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
    expect(drillInto({ model: "gpt-4o" }, "app", "chat")).toEqual({ model: "gpt-4o", app: "chat", by: "prompt_version" });
    expect(drillInto({}, "session", "s")).toEqual({ session: "s", by: "operation" });
  });
});

describe("traceQueryOf", () => {
  it("asks for the traces of the group in the query language", () => {
    expect(traceQueryOf({ app: "chat bot" }, "model", "gpt-4o")).toBe('app:"chat bot" model:gpt-4o');
    expect(traceQueryOf({ environment: "prod" }, "user", "")).toBe("env:prod -has:user");
  });

  it("says nothing where the language has no word", () => {
    expect(traceQueryOf({}, "team", "support")).toBeNull();
    expect(traceQueryOf({ tags: "a, b" }, "app", "chat")).toBeNull();
    expect(traceQueryOf({}, "model", "")).toBeNull();
  });
});
