import { describe, expect, it } from "vitest";
import type { Limits, OwnLimits, ProjectModel } from "@/api/schema";
import { LIMITS, limitChanges, limitDraft, limitNote, limitText, otherLimits } from "./limits";

const MB = 1024 * 1024;
const SERVER: Limits = {
  retention_days: 0,
  max_spans_per_s: 0,
  max_body_size: 16 * MB,
  max_decompressed_size: 64 * MB,
  max_attributes: 1_000,
  max_attribute_size: 65_536,
  max_attribute_depth: 32,
  max_content_size: MB,
};

function project(own: OwnLimits): ProjectModel {
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null));
  return { id: "shop", name: "Shop", own, limits: { ...SERVER, ...given } };
}

function typed(own: OwnLimits, texts: Partial<Record<keyof Limits, string>>) {
  return limitChanges(project(own), { ...limitDraft(project(own)), ...texts }, SERVER);
}

describe("limits of a project", () => {
  it("are every limit that the API knows", () => {
    expect(LIMITS.map(({ name }) => name).toSorted()).toEqual(Object.keys(SERVER).toSorted());
  });

  it("are changed where something else was typed, and nowhere else", () => {
    const own = { retention_days: 30, max_body_size: 1_000_000, max_attributes: null };
    expect(typed(own, {})).toEqual({ changes: {}, problems: {} });
    expect(typed(own, { retention_days: " 30 " })).toEqual({ changes: {}, problems: {} });
    expect(typed(own, { retention_days: "", max_spans_per_s: "500", max_body_size: "1.5", max_content_size: "10" })).toEqual({
      changes: { retention_days: null, max_spans_per_s: 500, max_body_size: 1.5 * MB, max_content_size: 10 },
      problems: {},
    });
  });

  it("that were set above what the server has now stand in the way of no other change", () => {
    expect(typed({ max_attributes: 9_999 }, { retention_days: "7" })).toEqual({ changes: { retention_days: 7 }, problems: {} });
  });

  it.each([
    ["retention_days", "soon", "A whole number"],
    ["retention_days", "1.5", "A whole number"],
    ["retention_days", "-1", "A whole number"],
    ["retention_days", "2147483648", "At most 2,147,483,647"],
    ["max_body_size", "16 MB", "A number, such as 1.5"],
    ["max_body_size", "16.1", "At most 16 MB, which is the server’s"],
    ["max_body_size", "0.0000001", "More than 0; empty is as the server"],
    ["max_attributes", "0", "More than 0; empty is as the server"],
    ["max_attribute_size", "65537", "At most 65,536 characters, which is the server’s"],
  ] as const)("%s cannot be %s", (name, text, problem) => {
    expect(typed({}, { [name]: text, max_attribute_depth: "3" })).toEqual({
      changes: { max_attribute_depth: 3 },
      problems: { [name]: problem },
    });
  });

  it("of zero days or spans are for ever and without end", () => {
    expect(typed({ retention_days: 30 }, { retention_days: "0", max_spans_per_s: "0" })).toEqual({
      changes: { retention_days: 0, max_spans_per_s: 0 },
      problems: {},
    });
  });

  it.each([1, 1_000, 1_000_000, 1.5 * MB, 16 * MB, 16 * MB - 1, 2 ** 31 - 1])("of %i bytes are typed so that they stay", (bytes) => {
    const text = limitDraft(project({ max_body_size: bytes })).max_body_size;
    expect(Math.round(Number(text) * MB)).toBe(bytes);
    expect(text.length).toBeLessThan(13);
  });

  it("are told in words, with what the server has", () => {
    const [kept, rate, body] = LIMITS;
    if (!kept || !rate || !body) throw new Error("three limits at least");
    expect([limitText(kept, 0), limitText(kept, 1), limitText(rate, 5_000), limitText(body, 1_000_000)]).toEqual([
      "for ever",
      "1 day",
      "5,000",
      "0.954 MB",
    ]);
    expect(limitNote(kept, SERVER)).toBe("The server’s: for ever");
    expect(limitNote(kept, { ...SERVER, retention_days: 30 })).toBe("The server’s: 30 days; 0 is for ever");
    expect(limitNote(body, SERVER)).toBe("The server’s, and the most: 16 MB");
    expect(otherLimits(project({ retention_days: 1, max_body_size: 4 * MB, max_attributes: null }))).toEqual(["4 MB a request"]);
  });
});
