import { createContext } from "react";

/** What is looked for in the texts below: a long one is shown as far as its first place. */
export const Sought = createContext("");
