import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Table } from "./Table";

it("a table that is wider than the screen is scrolled by keyboard, too", () => {
  render(<Table label="Imports" columns={[{ title: "Name", cell: String }]} rows={[1]} keyOf={String} />);
  expect(screen.getByRole("group", { name: "Imports" }).tabIndex).toBe(0);
});
