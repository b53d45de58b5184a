import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";
import type { NewOwnPrice, OwnPrice, OwnPriceBody } from "./schema";

/** The project's own prices in the order in which they are tried, and the catalogue behind them. */
export function pricesQuery() {
  return queryOptions({
    queryKey: ["prices"],
    queryFn: ({ signal }) => call("GET /api/v1/prices", { signal }),
  });
}

/** How many calls of the last 30 days have the cost that each price gave them. */
export function priceUsesQuery() {
  return queryOptions({
    queryKey: ["prices", "uses"],
    queryFn: ({ signal }) => call("GET /api/v1/prices/uses", { query: { since: "30d" }, signal }),
  });
}

/** Makes a price; refused when there is one of that name. */
export function createPrice(price: NewOwnPrice): Promise<OwnPrice> {
  return call("POST /api/v1/prices", { body: price });
}

/** Changes a price; refused when somebody else has changed it meanwhile. */
export function changePrice({ name, etag }: OwnPrice, body: OwnPriceBody): Promise<OwnPrice> {
  return call("PUT /api/v1/prices/{name}", { path: { name }, body, headers: { "If-Match": etag } });
}

/** Removes a price; refused when somebody else has changed it meanwhile. */
export function removePrice({ name, etag }: OwnPrice): Promise<void> {
  return call("DELETE /api/v1/prices/{name}", { path: { name }, headers: { "If-Match": etag } });
}
