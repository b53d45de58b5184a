import { type MouseEvent, useRef, useState } from "react";

/** A form that opens from a button, with what it is of; closing it gives the focus back to the button. */
export function useOpenedForm<Of>() {
  const [opened, setOpened] = useState<Of | null>(null);
  const opener = useRef<HTMLElement>(null);
  const open = (event: MouseEvent<HTMLElement>, next: Of): void => {
    opener.current = event.currentTarget;
    setOpened(next);
  };
  const close = (): void => {
    setOpened(null);
    opener.current?.focus();
  };
  return { opened, open, close };
}
