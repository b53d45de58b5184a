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
  [{ tab: ["keys"], revoked: {}, find: ["x"] }, {}],
  [{ tab: "prices", find: "gpt", revoked: "true" }, { tab: "prices", find: "gpt" }],
  [{ find: "shop", revoked: "true" }, { find: "shop" }],
  [{ tab: "keys", find: "" }, { tab: "keys" }],
  [{ tab: "keys", revoked: "true", find: "shop " }, { tab: "keys", revoked: true, find: "shop " }],
])("reads %j as %j", (search, state) => {
  expect(parseSettingsSearch(search)).toEqual(state);
});
