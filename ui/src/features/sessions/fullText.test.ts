import { describe, expect, it } from "vitest";
import type { SpanDetail } from "@/api/schema";
import { readInput, readOutput } from "./fullText";

const said = (role: string, ...texts: string[]) => ({
  role,
  parts: texts.map((content) => ({ type: "text", content })),
});

function span(given: Partial<SpanDetail>): SpanDetail {
  return { input_messages: null, output_messages: null, input_text: null, output_text: null, ...given } as SpanDetail;
}

describe("the whole text of a turn", () => {
  it("is what the user said last, not what the system or a tool said", () => {
    const input_messages = [said("system", "rules"), said("user", "first"), said("user", "second", "line"), said("tool", "42")];
    expect(readInput(span({ input_messages }))).toBe("second\nline");
  });

  it("is all messages when no user spoke, and the raw text when there are none", () => {
    expect(readInput(span({ input_messages: [said("system", "a"), said("assistant", "b")] }))).toBe("a\n\nb");
    expect(readInput(span({ input_text: "raw" }))).toBe("raw");
    expect(readInput(span({}))).toBe("");
  });

  it("is every answer, and leaves out parts that are no text", () => {
    const call = { role: "assistant", parts: [{ type: "tool_call", name: "search" }] };
    expect(readOutput(span({ output_messages: [said("assistant", "a"), call, said("assistant", "b")] }))).toBe("a\n\nb");
    expect(readOutput(span({ output_messages: [call], output_text: "raw" }))).toBe("raw");
  });
});
