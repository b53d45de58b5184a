import "@mantine/core/styles/Popover.css";
import { Popover } from "@mantine/core";
import { type ReactElement, type ReactNode, useId } from "react";

type PopupProps = {
  open: boolean;
  onChange: (open: boolean) => void;
  target: ReactElement;
  children: ReactNode;
  label: string;
  width?: number | string;
};

/** A small panel that hangs from a control. */
export function Popup({ open, onChange, target, children, label, width = 320 }: PopupProps) {
  const labelId = useId();
  return (
    <Popover
      opened={open}
      onChange={onChange}
      position="bottom-end"
      shadow="md"
      width={width}
      trapFocus
      returnFocus
      withinPortal
      transitionProps={{ duration: 100 }}
    >
      <Popover.Target>{target}</Popover.Target>
      {/* Mantine would name it after its control, which may say `Last 24 hours`. */}
      <Popover.Dropdown aria-labelledby={labelId}>
        <span id={labelId} className="visually-hidden">
          {label}
        </span>
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}
