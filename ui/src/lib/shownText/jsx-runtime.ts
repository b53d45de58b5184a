/**
 * React's JSX runtime, for every element of the page (`jsxImportSource`): text and titles of an element show their hidden
 * characters as numbers. Names of apps, tools, models and users come from strangers and stand in a hundred places, of which
 * none can forget this. Values of fields, addresses and what is copied stay as they are.
 */
import type { ElementType, Key } from "react";
import { Fragment, jsx as elementOf, jsxs as elementWithChildrenOf } from "react/jsx-runtime";
import { revealedProps } from "./revealedProps";

export type { JSX } from "react/jsx-runtime";
export { Fragment };

export function jsx(type: ElementType, props: object, key?: Key) {
  return elementOf(type, revealedProps(props), key);
}

export function jsxs(type: ElementType, props: object, key?: Key) {
  return elementWithChildrenOf(type, revealedProps(props), key);
}
