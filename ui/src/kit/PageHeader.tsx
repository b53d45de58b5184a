import { useEffect, type ReactNode } from "react";
import classes from "./PageHeader.module.css";

/** The bar on top of a page: its name, which is also the browser tab's, and its controls. */
export function PageHeader({ title, children }: { title: string; children?: ReactNode }) {
  useDocumentTitle(title);
  return (
    <header className={classes["header"]}>
      <h1 className={classes["title"]}>{title}</h1>
      {children}
    </header>
  );
}

/** Names the browser tab. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Sightline`;
  }, [title]);
}
