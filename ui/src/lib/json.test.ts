import { describe, expect, it } from "vitest";
import { parseJson, writeJson } from "./json";

describe("parseJson", () => {
  it("keeps the digits of ids that a number would round", () => {
    const text = '{"id":1234567890123456789,"ids":[-9007199254740993,7],"said":"a \\"9999999999999999999\\"","of":0.1234567890123456789}';
    const value = parseJson(text) as Record<string, unknown>;
    expect(value["id"]).toBe(1234567890123456789n);
    expect(value["ids"]).toEqual([-9007199254740993n, 7]);
    expect(value["said"]).toBe('a "9999999999999999999"');
    expect(value["of"]).toBeCloseTo(0.12345);
    expect(writeJson(value["ids"])).toBe("[-9007199254740993,7]");
  });

  it("leaves what a number holds a number", () => {
    expect(parseJson("[9007199254740991, 1e30, 1234567890123456e3]")).toEqual([9007199254740991, 1e30, 1234567890123456e3]);
  });

  it("reads texts of any length", () => {
    const value = parseJson(`["${"\\\\n".repeat(1_000_000)}", 1234567890123456789]`) as unknown[];
    expect(value[1]).toBe(1234567890123456789n);
  });

  it("refuses what is no JSON as JSON.parse does", () => {
    expect(() => parseJson('{"id": 1234567890123456789')).toThrow(SyntaxError);
  });
});
