import { type RefObject, useEffect } from "react";

/** Marks past these are not seen, and a text of one letter has thousands. */
const MAX_MARKS = 500;
const NAME = "found";

/**
 * Marks a text wherever it is shown inside an element, letter case aside, and brings the first place into view. The
 * browser paints the marks: the content, which comes from strangers, is not touched.
 */
export function useTextHighlight(element: RefObject<HTMLElement | null>, text: string): void {
  useEffect(() => {
    const root = element.current;
    if (!root || text === "" || !("highlights" in CSS)) return undefined;
    let isFirst = true;
    const mark = (): void => {
      const ranges = findRanges(root, text.toLowerCase());
      CSS.highlights.set(NAME, new Highlight(...ranges));
      if (isFirst && ranges[0]) {
        bringIntoView(root, ranges[0]);
        isFirst = false;
      }
    };
    mark();
    // Content arrives and unfolds after the element is there.
    const observer = new MutationObserver(mark);
    observer.observe(root, { childList: true, subtree: true, characterData: true });
    return () => {
      observer.disconnect();
      CSS.highlights.delete(NAME);
    };
  }, [element, text]);
}

/** A paragraph may be far higher than the element: then its place is looked for, not its edge. */
function bringIntoView(root: HTMLElement, range: Range): void {
  range.startContainer.parentElement?.scrollIntoView({ block: "nearest" });
  const place = range.getBoundingClientRect();
  const view = root.getBoundingClientRect();
  if (place.top < view.top || place.bottom > view.bottom) root.scrollTop += place.top - view.top - view.height / 2;
}

function findRanges(root: Node, wanted: string): Range[] {
  const ranges: Range[] = [];
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node && ranges.length < MAX_MARKS; node = texts.nextNode()) {
    const content = node.textContent?.toLowerCase() ?? "";
    // A letter that changes its length with its case would shift every mark behind it.
    if (content.length !== node.textContent?.length) continue;
    for (let at = content.indexOf(wanted); at >= 0 && ranges.length < MAX_MARKS; at = content.indexOf(wanted, at + 1)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      ranges.push(range);
    }
  }
  return ranges;
}
