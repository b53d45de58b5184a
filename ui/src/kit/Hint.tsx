import "@mantine/core/styles/Tooltip.css";
import { Tooltip } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";

/** Shows text beside an element on hover and focus. For what is nice to know; never the only place for it. */
export function Hint({ text, children }: { text: ReactNode; children: ReactElement }) {
  return (
    <Tooltip label={text} openDelay={350} events={{ hover: true, focus: true, touch: false }} multiline maw={360} fz="xs">
      {children}
    </Tooltip>
  );
}
