import { describe, expect, it } from "vitest";
import { safeUrl } from "./safeUrl";

describe("safeUrl", () => {
  it.each(["https://example.org/a?b=c", "http://example.org"])("lets %s through", (text) => {
    expect(safeUrl(text)?.href).toContain("example.org");
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//example.org",
    "/traces",
    "",
  ])("refuses %j", (text) => {
    expect(safeUrl(text)).toBeNull();
  });
});
