import { expect, it } from "vitest";
import { projectIdProblem } from "./projectDraft";

it.each(["shop", "a", "1", "-", "_x", "x".repeat(64)])("a new project may be called %s", (id) => {
  expect(projectIdProblem(id, ["default"])).toBeUndefined();
});

it.each(["", "Shop", "a b", "ü", "x".repeat(65)])("a new project may not be called “%s”", (id) => {
  expect(projectIdProblem(id, [])).toMatch(/small letters/);
});

it("a project is not made again", () => {
  expect(projectIdProblem("default", ["default"])).toMatch(/already/);
});
