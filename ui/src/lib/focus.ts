/** As the `ref` of a form: when it opens, it comes into view with the cursor in its first field. */
export function focusFirstField(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>("input:not([role=combobox], [type=hidden])")?.focus();
}
