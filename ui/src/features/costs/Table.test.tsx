import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Table } from "./Table";

it("a table that is wider than the screen is scrolled by keyboard, too", () => {
  render(<Table label="Imports" columns={[{ title: "Name", cell: String }]} rows={[1]} keyOf={String} />);
  expect(screen.getByRole("group", { name: "Imports" }).tabIndex).toBe(0);
});

it("leaves out columns in which no row has anything", () => {
  const columns = [
    { title: "Name", cell: String },
    { title: "Cached", cell: () => "" },
    { title: "Failed", cell: (row: number) => (row === 2 ? "1" : "") },
  ];
  render(<Table label="Groups" columns={columns} rows={[1]} footer={[2]} keyOf={String} />);
  expect(screen.getAllByRole("columnheader").map(({ textContent }) => textContent)).toEqual(["Name", "Failed"]);
});
