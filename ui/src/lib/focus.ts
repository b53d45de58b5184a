/** As the `ref` of a form or a row: when it opens, it comes into view with the cursor in its first field. */
export function focusFirstField(opened: HTMLElement | null): void {
  opened?.querySelector<HTMLElement>("input:not([role=combobox], [type=hidden]), button")?.focus();
}
