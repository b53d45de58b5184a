import { Link } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { revealHidden } from "@/lib/characters";
import { lastSearch } from "@/lib/lastSearch";
import { BackIcon } from "./icons";
import classes from "./PageHeader.module.css";

/** The bar on top of a page: its name, which is also the browser tab's, and its controls. */
export function PageHeader({ title, children }: { title: string; children?: ReactNode }) {
  useDocumentTitle(title);
  return (
    <header className={classes["header"]}>
      <h1 className={classes["title"]} title={title}>
        {title}
      </h1>
      {children}
    </header>
  );
}

/** In the header of a page about one thing: the way to all of them, as they were looked at last. */
export function BackLink({ to, children }: { to: "/alerts" | "/failures" | "/prompts" | "/sessions" | "/users"; children: ReactNode }) {
  return (
    <Link to={to} search={lastSearch(to)} className={classes["back"]}>
      <BackIcon size={14} aria-hidden /> {children}
    </Link>
  );
}

/** Names the browser tab. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${revealHidden(title)} · Sightline`;
  }, [title]);
}
