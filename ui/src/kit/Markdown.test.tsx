import { render } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import Markdown from "./Markdown";

function html(text: string): HTMLElement {
  return render(<Markdown text={text} />).container;
}

describe("Markdown", () => {
  it("shows raw HTML as text and runs none of it", () => {
    const shown = html('<script>alert(1)</script> <img src="x" onerror="alert(1)"> <svg onload="alert(1)"></svg>');
    expect(shown.querySelector("script, img, svg[onload], [onerror]")).toBeNull();
  });

  it("gives no address to links that are not http", () => {
    const shown = html("[a](javascript:alert(1)) [b](data:text/html,x) [c](https://example.org/)");
    const addresses = [...shown.querySelectorAll("a[href]")].map((link) => link.getAttribute("href"));
    expect(addresses).toEqual(["https://example.org/"]);
  });

  it("loads no image", () => {
    const shown = html("![a picture](https://example.org/pixel.png)");
    expect(shown.querySelector("img")).toBeNull();
    expect(shown.textContent).toContain("a picture");
  });

  it("shows hidden characters as numbers, also those that are written as entities", () => {
    expect(html("a\u202Eb &#x202E;c `d\u202Ee`").textContent).toBe("a‹U+202E›b ‹U+202E›c d‹U+202E›e");
  });

  it("keeps the lines of a part that is marked by tags", () => {
    const shown = html("<rules>\nBe brief.\n  Cite.\n</rules>\n\nThen *go*.");
    const paragraphs = [...shown.querySelectorAll("p")].map(({ textContent }) => textContent);
    expect(paragraphs).toEqual(["<rules>\nBe brief.\n  Cite.\n</rules>", "Then go."]);
    expect(html("- a <b>tag</b> inside").querySelector("li p")).toBeNull();
  });

  it("keeps headings of a model out of the page's outline", () => {
    expect(html("# Title\n\n## Part").querySelector("h1, h2")).toBeNull();
  });
});
