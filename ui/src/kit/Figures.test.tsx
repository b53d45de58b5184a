import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import { Count } from "./Figures";

it("a count with sampled traces in it reads as an estimate, and says why on hover", () => {
  const { container } = render(<Count count={1230} sampled />);
  expect(container.textContent).toBe("~ 1,230");
  expect(container.querySelector("span")?.title).toMatch(/^Estimated: sampled traces/);
  expect(render(<Count count={1230} sampled={false} />).container.innerHTML).toBe("1,230");
  expect(render(<Count count={1} sampled noun="trace" />).container.textContent).toBe("~ 1 trace");
});
