import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { SpanDetail } from "@/api/schema";
import { KitProvider } from "@/kit/KitProvider";
import { EventsTab } from "./EventsTab";

test("a stack trace is copied whole, also what is folded away of it", async () => {
  const stack = `Traceback (most recent call last):\n${"  File app.py, line 1, in run\n".repeat(400)}ValueError: no JSON`;
  const event = { name: "exception", time: "2026-11-26T12:00:00Z", attributes: { "exception.stacktrace": stack } };
  vi.stubGlobal("isSecureContext", true);
  const writeText = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  render(<EventsTab span={{ events: [event], links: [] } as unknown as SpanDetail} />, { wrapper: KitProvider });
  fireEvent.click(screen.getByRole("button", { name: "Copy the stack trace" }));
  await screen.findByRole("button", { name: "Copied" });
  expect(writeText).toHaveBeenCalledWith(stack);
});
