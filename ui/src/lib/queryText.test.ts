import { describe, expect, it } from "vitest";
import { addCondition, hasCondition, quoteValue, removeCondition, tokenize } from "./queryText";

function pieces(text: string): string[] {
  return tokenize(text).map(({ kind, from, to }) => `${kind}=${text.slice(from, to)}`);
}

describe("tokenize", () => {
  it("tells fields, operators, values, text and keywords apart", () => {
    expect(pieces('app:shop cost>=0.01 -env:dev,"a b" OR (refund-policy "x\\"y")')).toEqual([
      "field=app",
      "operator=:",
      "value=shop",
      "field=cost",
      "operator=>=",
      "value=0.01",
      "keyword=-",
      "field=env",
      "operator=:",
      "value=dev",
      "operator=,",
      "string=\"a b\"",
      "keyword=OR",
      "bracket=(",
      "text=refund-policy",
      'string="x\\"y"',
      "bracket=)",
    ]);
  });

  it("keeps a value with colons whole and a relation apart from a comparison", () => {
    expect(pieces("prompt:a:b-1..2")).toEqual(["field=prompt", "operator=:", "value=a:b-1..2"]);
    expect(pieces("{kind:agent} > {kind:tool}")).toContain("operator=>");
  });

  it("covers every character that is not white space, finished or not", () => {
    for (const text of ['model:"gpt', "a:", "-", "app:x,", "((", "!=", 'attr."odd name">3', "\\", "é:ü"]) {
      const covered = tokenize(text)
        .map(({ from, to }) => text.slice(from, to))
        .join("");
      expect(covered).toBe(text.replaceAll(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/g, ""));
    }
  });
});

describe("addCondition", () => {
  it.each([
    ["", "app:shop"],
    ["refund", "refund app:shop"],
    ["app:shop", "app:shop"],
    ["-app:shop x", "x app:shop"],
    ["a OR b", "(a OR b) app:shop"],
    ["(a OR b)", "(a OR b) app:shop"],
    ["(app:shop)", "(app:shop) app:shop"],
    ["app:shop,other", "app:shop,other app:shop"],
  ])("turns %j into %j", (query, expected) => {
    expect(addCondition(query, "app", "shop")).toBe(expected);
  });

  it("excludes with a minus and takes the opposite out", () => {
    expect(addCondition("environment:dev x", "env", "dev", true)).toBe("x -env:dev");
  });
});

describe("removeCondition", () => {
  it("gives back what addCondition was given, whatever the value", () => {
    for (const value of ["shop", "a b", 'say "hi"', "back\\slash", "gpt-4*", "a,b", "x:y", "(", "1..2", "日本"]) {
      const query = addCondition("refund", "tool", value);
      expect(hasCondition(query, "tool", value)).toBe(true);
      expect(removeCondition(query, "tool", value)).toBe("refund");
    }
  });

  it("leaves the other values of a list", () => {
    expect(removeCondition("-env:dev,test x", "env", "dev", true)).toBe("-env:test x");
  });
});

describe("quoteValue", () => {
  it("quotes only what would mean something else", () => {
    expect(quoteValue("gpt-4o")).toBe("gpt-4o");
    expect(quoteValue("gpt-4*")).toBe('"gpt-4*"');
    expect(quoteValue("")).toBe('""');
  });
});
