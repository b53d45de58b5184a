import { describe, expect, it } from "vitest";
import { onlyRead, parseSearchText, printSearchText } from "./searchText";

describe("search text", () => {
  const likeLists = ['["x" ]', '["a","b"]', "[1,2]", "[]"];

  it.each(['"refund policy"', "app:shop -env:dev", "{kind:tool}", "a&b=c+d%", "é 日本", ...likeLists])(
    "leaves the query %s as it is written",
    (q) => {
      expect(parseSearchText(printSearchText({ q }))).toEqual({ q });
    },
  );

  it.each(["123", "12e4567890123456", "9999999999999999", "true"])("gives %s back to who wants a string", (span) => {
    expect(String(parseSearchText(printSearchText({ span }))["span"])).toBe(span);
  });

  it("keeps flags and numbers, and leaves out what is not given", () => {
    const search = { live: true, count: 3, absent: undefined };
    expect(parseSearchText(printSearchText(search))).toEqual({ live: true, count: 3 });
  });
});

describe("onlyRead", () => {
  it("takes away what the view does not read", () => {
    const read = onlyRead(({ since }): { since?: string } => (since === "1h" ? { since } : {}));
    const address = { since: "soon", stranger: 1 };
    expect({ ...address, ...read(address) }).toEqual({});
    expect(read({ since: "1h", stranger: 1 })).toEqual({ since: "1h" });
  });
});
