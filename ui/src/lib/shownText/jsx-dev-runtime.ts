/** `jsx-runtime` for the development server and for tests. */
import type { ElementType, Key } from "react";
import { Fragment, jsxDEV as elementOf, type JSXSource } from "react/jsx-dev-runtime";
import { revealedProps } from "./revealedProps";

export type { JSX } from "react/jsx-dev-runtime";
export { Fragment };

export function jsxDEV(
  type: ElementType,
  props: object,
  key: Key | undefined,
  isStatic: boolean,
  source?: JSXSource,
  self?: unknown,
) {
  return elementOf(type, revealedProps(props), key, isStatic, source, self);
}
