import "@mantine/core/styles/UnstyledButton.css";
import "@mantine/core/styles/Button.css";
import "@mantine/core/styles/ActionIcon.css";
import "@mantine/core/styles/Loader.css";
import { ActionIcon, Button as MantineButton } from "@mantine/core";
import type { ComponentPropsWithRef, ReactNode } from "react";
import { Hint } from "./Hint";
import { DownloadIcon } from "./icons";

/** What a menu or a popup hands to the button that opens it, besides the usual. */
type Native = Omit<ComponentPropsWithRef<"button">, "color" | "style" | "children" | "className" | "disabled"> & {
  disabled?: boolean;
};

type ButtonProps = Native & {
  children: ReactNode;
  icon?: ReactNode;
  /** `primary` for the one thing to do on a view, `danger` when it cannot be undone, `plain` for everything else,
   * `quiet` inside text. */
  look?: "primary" | "danger" | "plain" | "quiet";
  busy?: boolean;
};

const LOOKS = {
  primary: { variant: "filled" },
  danger: { variant: "filled", color: "red.9" },
  plain: { variant: "default" },
  quiet: { variant: "subtle" },
} as const;

/** A button with words. */
export function Button({ children, icon, look = "plain", busy = false, type = "button", ...native }: ButtonProps) {
  return (
    <MantineButton size="xs" type={type} leftSection={icon} loading={busy} {...LOOKS[look]} {...native}>
      {children}
    </MantineButton>
  );
}

/** A file to download, as a button. */
export function DownloadLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <MantineButton component="a" href={href} download size="xs" variant="default" leftSection={<DownloadIcon size={14} />}>
      {children}
    </MantineButton>
  );
}

type IconButtonProps = Native & {
  /** What it does; read out, and shown on hover. */
  label: string;
  children: ReactNode;
  pressed?: boolean;
};

/** A button that is an icon. */
export function IconButton({ label, children, pressed, ...native }: IconButtonProps) {
  return (
    <Hint text={label}>
      <ActionIcon
        variant={pressed ? "light" : "subtle"}
        color={pressed ? "accent" : "gray"}
        size={28}
        aria-label={label}
        {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
        {...native}
      >
        {children}
      </ActionIcon>
    </Hint>
  );
}
