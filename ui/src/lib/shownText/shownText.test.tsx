import { render } from "@testing-library/react";
import { expect, it } from "vitest";

const NAME = "send_\u202Eyenom";
const Name = ({ children }: { children: string }) => <b>{children}</b>;

it("every element shows the hidden characters of its texts as numbers", () => {
  const { container } = render(
    <p title={NAME} aria-label={NAME}>
      tool {NAME} <Name>{NAME}</Name>
    </p>,
  );
  expect(container.textContent).toBe("tool send_‹U+202E›yenom send_‹U+202E›yenom");
  expect(container.querySelector("p")?.title).toBe("send_‹U+202E›yenom");
  expect(container.querySelector("p")?.getAttribute("aria-label")).toBe("send_‹U+202E›yenom");
});

it("values and addresses stay as they are", () => {
  const { container } = render(
    <p>
      <input defaultValue={NAME} />
      <a href={`#${NAME}`}>there</a>
    </p>,
  );
  expect(container.querySelector("input")?.value).toBe(NAME);
  expect(container.querySelector("a")?.getAttribute("href")).toBe(`#${NAME}`);
});
