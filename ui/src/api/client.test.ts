import { expect, test, vi } from "vitest";
import { call } from "./client";

const broken = () => Promise.reject(new TypeError("network error"));

test("an answer that breaks off in the middle is no answer", async () => {
  const cut = { type: "basic", ok: true, status: 200, headers: new Headers({ "content-type": "application/json" }) };
  vi.stubGlobal("fetch", () => Promise.resolve({ ...cut, json: broken, text: broken }));
  await expect(call("GET /api/v1/info")).rejects.toMatchObject({ status: 0, title: "No answer" });
  await expect(call("GET /api/v1/info", { content: ["x"] })).rejects.toMatchObject({ status: 0, title: "No answer" });
  vi.unstubAllGlobals();
});
