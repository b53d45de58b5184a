import { expect, test } from "vitest";
import { conversationText, readConversation } from "./conversation";

const call = (name: string) => ({
  role: "assistant",
  parts: [{ type: "tool_call", id: "call_0", name, arguments: '{"city": "Bern"}' }],
});
const result = (response: string) => ({ role: "tool", parts: [{ type: "tool_call_response", id: "call_0", response }] });

test("calls that are counted anew in every turn keep each its own result", () => {
  const read = readConversation([result("of a turn that was cut"), call("weather"), result("sunny"), call("book"), result("done")]);
  expect(read.map(({ parts: [part] }) => (part?.type === "tool_call" ? part.call.result?.value : part?.type))).toEqual([
    "tool_result",
    "sunny",
    "done",
  ]);
});

test("a message is copied with the results that are shown in it", () => {
  expect(conversationText(readConversation([call("weather"), result("sunny")]))).toBe(
    '## assistant\nweather({"city":"Bern"})\n→ sunny',
  );
});
