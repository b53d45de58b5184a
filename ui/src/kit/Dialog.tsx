import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/CloseButton.css";
import "@mantine/core/styles/ScrollArea.css";
import { Modal } from "@mantine/core";
import { type ReactNode, useLayoutEffect } from "react";

type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  size?: string;
  /** It shows what cannot be shown again: only a button closes it. */
  stays?: boolean;
};

/** A modal dialog; esc and a click outside close it. */
export function Dialog({ open, onClose, title, children, size = "md", stays = false }: DialogProps) {
  useFocusReturn(open);
  return (
    <Modal
      opened={open}
      onClose={onClose}
      title={title}
      size={size}
      centered
      // The shell does not scroll; locking it would add an inline style that our policy forbids.
      lockScroll={false}
      returnFocus={false}
      closeOnEscape={!stays}
      closeOnClickOutside={!stays}
      styles={{ title: { lineHeight: 1.35, overflowWrap: "anywhere" } }}
      overlayProps={{ backgroundOpacity: 0.45 }}
      closeButtonProps={{ "aria-label": "Close" }}
      transitionProps={{ duration: 120 }}
    >
      {children}
    </Modal>
  );
}

/** Gives the focus back to where it was. Mantine's own way loses it when the dialog is taken away instead of closed. */
function useFocusReturn(open: boolean): void {
  useLayoutEffect(() => {
    if (!open) return undefined;
    const from = document.activeElement;
    return () => {
      // Not before the dialog has let go.
      setTimeout(() => {
        const now = document.activeElement;
        const isLost = now === document.body || now?.closest("[role=dialog]");
        if (isLost && from instanceof HTMLElement) from.focus({ preventScroll: true });
      });
    };
  }, [open]);
}
