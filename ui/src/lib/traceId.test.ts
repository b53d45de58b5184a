import { expect, it } from "vitest";
import { traceIdIn } from "./traceId";

it("finds the id of a trace in an id and in an address", () => {
  const id = "0af7651916cd43dd8448eb211c80319c";
  for (const text of [id, ` ${id.toUpperCase()}\n`, `http://here/t/${id}?span=b7ad6b7169203331`]) {
    expect(traceIdIn(text)).toBe(id);
  }
  for (const text of ["", "0af7", `${id}00`]) expect(traceIdIn(text)).toBeUndefined();
});
