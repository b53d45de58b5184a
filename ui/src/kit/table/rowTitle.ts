import type { PointerEvent } from "react";
import classes from "./VirtualTable.module.css";

/**
 * Gives the link that covers a row the title of what is below the pointer, which no pointer reaches by itself: the
 * exact figure, or the text of a cell that has no room for it.
 */
export function tellWhatIsPointedAt({ target, clientX, clientY }: PointerEvent): void {
  const link = target instanceof Element ? target.closest<HTMLElement>(`a.${classes["link"]}`) : null;
  const row = link?.closest("[role=row]");
  if (!link || !row) return;
  const below = document.elementsFromPoint(clientX, clientY).find((each) => !link.contains(each) && row.contains(each));
  const cell = below?.closest<HTMLElement>("[role=cell]");
  const title = (cell && below ? titleIn(cell, below) : "") || link.textContent;
  if (link.title !== title) link.title = title;
}

function titleIn(cell: HTMLElement, below: Element): string {
  // The only thing in its cell may have some room beside it.
  const titled = below.closest("[title]") ?? cell.querySelector(":scope > [title]:only-child");
  if (titled && cell.contains(titled) && !titled.classList.contains(classes["link"] ?? "")) {
    return titled.getAttribute("title") ?? "";
  }
  return cell.scrollWidth > cell.clientWidth ? cell.textContent : "";
}
