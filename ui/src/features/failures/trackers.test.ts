import { expect, test } from "vitest";
import { fillPlace } from "./trackers";

const GITHUB = "https://github.com/{owner}/{repo}/issues/new?title=a";

test("an issue's address names the repository", () => {
  expect(fillPlace("github", GITHUB, " shop/api ")).toBe("https://github.com/shop/api/issues/new?title=a");
  expect(fillPlace("gitlab", "https://gitlab.com/{group}/{project}/-/issues/new?a=b", "a/b/c")).toBe(
    "https://gitlab.com/a/b/c/-/issues/new?a=b",
  );
});

test("what cannot be a place gives no address", () => {
  for (const place of ["", "shop", "shop/api/x", "shop/a b", "../../x?y", "shop/"]) {
    expect(fillPlace("github", GITHUB, place)).toBeNull();
  }
  expect(fillPlace("jira", "https://{site}.atlassian.net/x", "evil.example/x")).toBeNull();
});
