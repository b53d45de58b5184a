import { revealHidden } from "../characters";

/** Whatever shows a text that is not a child: as a tooltip of the browser, or to assistive software. */
const TEXTS = ["title", "aria-label", "label"] as const;

/** The properties of an element with the hidden characters of its texts as numbers; the same object where it has none. */
export function revealedProps(props: object): object {
  const given = props as Record<string, unknown>;
  const changed: Record<string, unknown> = {};
  for (const name of TEXTS) {
    const shown = revealed(given[name]);
    if (shown !== given[name]) changed[name] = shown;
  }
  const children = revealedChildren(given["children"]);
  if (children !== given["children"]) changed["children"] = children;
  return Object.keys(changed).length > 0 ? { ...props, ...changed } : props;
}

function revealedChildren(children: unknown): unknown {
  if (!Array.isArray(children)) return revealed(children);
  const shown = children.map(revealed);
  return shown.some((child, index) => child !== children[index]) ? shown : children;
}

function revealed(value: unknown): unknown {
  return typeof value === "string" ? revealHidden(value) : value;
}
