import { expect, it } from "vitest";
import { parseSettingsSearch } from "./search";

it.each([
  [{}, {}],
  [{ tab: "projects" }, {}],
  [{ revoked: "true" }, {}],
  [{ tab: "keys" }, { tab: "keys" }],
  [{ tab: "keys", revoked: "true" }, { tab: "keys", revoked: true }],
  [{ tab: "keys", revoked: true }, { tab: "keys", revoked: true }],
  [{ tab: "keys", revoked: "perhaps" }, { tab: "keys" }],
  [{ tab: ["keys"], revoked: {} }, {}],
])("reads %j as %j", (search, state) => {
  expect(parseSettingsSearch(search)).toEqual(state);
});
