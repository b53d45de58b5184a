import { describe, expect, it } from "vitest";
import type { OwnPrice } from "@/api/schema";
import { otherPrices, type PriceDraft, priceDraft, priceOf, validity } from "./priceDraft";

const PRICE: OwnPrice = {
  name: "contract",
  model: "gpt-5*",
  provider: "openai",
  service_tier: "batch",
  start: "2026-10-01T00:00:00Z",
  end: "2026-11-01T12:30:00Z",
  usd_per_mtok: { input: "2.5", output: "10", cached_input: "0.000000000001", reasoning: null },
  long_context: { above_input_tokens: 200_000, usd_per_mtok: { input: "5", output: null } },
  changed_at: "2026-10-01T00:00:00Z",
  etag: '"1"',
};

const changed = (changes: Partial<PriceDraft>): PriceDraft => ({ ...priceDraft(PRICE), ...changes });

describe("priceOf", () => {
  it("gives back the price that was not touched, to the last digit", () => {
    const { body, problems } = priceOf(priceDraft(PRICE));
    expect(problems).toEqual({});
    expect(body).toEqual({
      model: "gpt-5*",
      provider: "openai",
      service_tier: "batch",
      start: "2026-10-01T00:00:00Z",
      end: "2026-11-01T12:30:00Z",
      usd_per_mtok: { input: "2.5", output: "10", cached_input: "0.000000000001" },
      long_context: { above_input_tokens: 200_000, usd_per_mtok: { input: "5" } },
    });
  });

  it("asks a new price for a model, input and output", () => {
    expect(Object.keys(priceOf(priceDraft()).problems)).toEqual(["model", "usual.input", "usual.output"]);
  });

  it.each([
    [{ end: "2026-09-30T00:00" }, "end"],
    [{ usual: { ...priceDraft(PRICE).usual, input: "1,5" } }, "usual.input"],
    [{ usual: { ...priceDraft(PRICE).usual, output: "1000001" } }, "usual.output"],
    [{ usual: { ...priceDraft(PRICE).usual, reasoning: "-1" } }, "usual.reasoning"],
    [{ above: "" }, "above"],
    [{ above: "0" }, "above"],
    [{ long: priceDraft().long }, "long.input"],
  ])("finds fault with %j", (changes, field) => {
    expect(Object.keys(priceOf(changed(changes)).problems)).toEqual([field]);
  });

  it("drops the long context when neither a threshold nor a price is left", () => {
    expect(priceOf(changed({ above: " ", long: priceDraft().long }))).toMatchObject({ body: { long_context: null }, problems: {} });
  });
});

it("says in words what a price has besides input and output, and when it holds", () => {
  expect(otherPrices(PRICE)).toEqual(["cached input $0.000000000001", "above 200,000 input tokens: input $5"]);
  expect(validity(PRICE)).toBe("from 2026-10-01 until 2026-11-01 12:30");
  expect(validity({ start: null, end: null })).toBe("always");
});
