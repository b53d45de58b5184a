import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { TraceSummary } from "@/api/schema";
import { COLUMNS } from "./columns";

it("of several failures of a trace the first is named beside what was asked, and the others are counted", () => {
  const preview = COLUMNS.find(({ id }) => id === "preview");
  const failure_categories = ["empty_retrieval", "guardrail_block", "loop"];
  const trace = { failure_categories, input_preview: "Where is it?", output_preview: "On its way." } as TraceSummary;
  render(<>{preview?.cell(trace)}</>);
  expect(screen.getByText("empty retrieval")).toBeTruthy();
  expect(screen.getByText("+2")).toBeTruthy();
  expect(screen.getByTitle("guardrail block, loop").textContent).toBe("+2guardrail block, loop");
  expect(screen.getByTitle("Where is it? → On its way.")).toBeTruthy();
});
