import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { changePreferences } from "@/lib/preferences";
import { Timeline } from "./Timeline";
import { TimelineChart } from "./TimelineChart";

const HOUR_S = 3600;
const BUCKETS = [
  { start: "2026-11-27T10:00:00Z", spans: 0 },
  { start: "2026-11-27T11:00:00Z", spans: 3 },
];
const VERSION = { app: "support", version: "1.1.0", first_run: "2026-11-27T11:20:00Z", failures: 3, spans: 9 };

it("a bar that is tapped is told in words, also once the finger has left", () => {
  changePreferences({ zone: "UTC" });
  const { container } = render(
    <TimelineChart timeline={{ bucket_s: HOUR_S, buckets: BUCKETS }} versions={[VERSION]} />,
  );
  const bars = container.querySelectorAll("g");
  fireEvent.pointerEnter(bars[1] as Element, { pointerType: "touch" });
  fireEvent.pointerLeave(screen.getByRole("img"), { pointerType: "touch" });
  const words = "27 Nov 11:00 to 27 Nov 12:00: 3 occurrences; support 1.1.0 began to run";
  expect(screen.getByText(words)).toBeTruthy();
  fireEvent.pointerEnter(bars[0] as Element, { pointerType: "mouse" });
  expect(screen.getByText("27 Nov 10:00 to 27 Nov 11:00: 0 occurrences")).toBeTruthy();
  expect(container.querySelectorAll("tbody tr")).toHaveLength(2);
});

it("failures of spans that name no version are told of beside those of versions", () => {
  const timeline = { bucket_s: HOUR_S, buckets: BUCKETS };
  const shown = render(<Timeline timeline={timeline} versions={[VERSION]} more={false} spans={5} />);
  expect(shown.getByText("2 failures more where no version is named.")).toBeTruthy();
  shown.rerender(<Timeline timeline={timeline} versions={[VERSION]} more={false} spans={3} />);
  expect(shown.queryByText(/no version/)).toBeNull();
});
