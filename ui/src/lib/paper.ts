import { useMediaQuery } from "./mediaQuery";

/** So many rows of a list are printed beside those in view: on paper nobody scrolls. */
export const PRINTED_ROWS = 1_000;

/** Whether the page is being printed. */
export function useIsPrinted(): boolean {
  return useMediaQuery("print");
}
