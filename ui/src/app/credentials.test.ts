import { expect, it } from "vitest";
import { withoutCredentials } from "./credentials";

it("takes user and key out of an address that has them, and nothing else", () => {
  expect(withoutCredentials("https://ann:sl_k%2F@host:4318/t/1?span=2#x")).toBe("https://host:4318/t/1?span=2#x");
  expect(withoutCredentials("https://:sl_k@host/")).toBe("https://host/");
  expect(withoutCredentials("https://host/traces?q=a@b")).toBeNull();
});
