import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";
import classes from "./VirtualTable.module.css";

type AnchorProps = AnchorHTMLAttributes<HTMLAnchorElement> & { ref?: Ref<HTMLAnchorElement> };

/** A link in the cell of a row; the whole row is its target. It never looks like that of the current page. */
export const RowLink = createLink((props: AnchorProps) => (
  // oxlint-disable-next-line jsx-a11y/anchor-has-content
  <a {...props} className={classes["link"]} />
));
