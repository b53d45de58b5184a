import { describe, expect, it } from "vitest";
import { keyProblem } from "./keys";

describe("keyProblem", () => {
  it.each(["chat-spend", "4xx", "a_b", "a".repeat(64)])("lets something new be called %s", (key) => {
    expect(keyProblem(key, "rule", ["other"])).toBeUndefined();
  });

  it.each(["", "Chat", "chat spend", "-chat", "_chat", "ünï", "chat\n", "a".repeat(65)])("says what is wrong with %j", (key) => {
    expect(keyProblem(key, "rule", [])).toMatch(/small letters, digits, - and _/);
  });

  it("refuses a key that is taken", () => {
    expect(keyProblem("chat", "rule", ["chat"])).toBe("A rule with this key exists already");
    expect(keyProblem("chat", "channel", ["mail", "chat"])).toBe("A channel with this key exists already");
  });
});
