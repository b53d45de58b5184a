import "@mantine/core/styles/Menu.css";
import "@mantine/core/styles/Popover.css";
import { Menu as MantineMenu } from "@mantine/core";
import type { MouseEvent, ReactElement, ReactNode } from "react";

export type MenuEntry = { label: string; icon?: ReactNode; active?: boolean } & Action;

/** What an entry does, or the address of a file that it downloads. */
type Action = { run: () => void } | { href: string };

/** A list of actions that opens from a button. */
export function Menu({ target, entries, title }: { target: ReactElement; entries: readonly MenuEntry[]; title?: string }) {
  return (
    <MantineMenu shadow="md" width={220} position="bottom-end" withinPortal withInitialFocusPlaceholder={false}>
      <MantineMenu.Target>{target}</MantineMenu.Target>
      <MantineMenu.Dropdown {...(title ? { "aria-label": title } : {})}>
        {entries.map(({ label, icon, active, ...action }) => (
          <MantineMenu.Item
            key={label}
            leftSection={icon}
            onClick={(event: MouseEvent<HTMLElement>) => {
              focusOpener(event.currentTarget);
              if ("run" in action) action.run();
            }}
            // A link with `download` leaves the page where it is, also when the answer is an error.
            {...("href" in action ? { component: "a", href: action.href, download: true } : {})}
            {...(active === undefined ? {} : { "aria-current": active })}
            style={active ? { fontWeight: 600, color: "var(--sl-accent)" } : {}}
          >
            {label}
          </MantineMenu.Item>
        ))}
      </MantineMenu.Dropdown>
    </MantineMenu>
  );
}

/** The entry is about to go: a dialog that it opens gives the focus back to the button that the menu hangs from. */
function focusOpener(entry: HTMLElement): void {
  const menu = entry.closest("[role=menu]");
  document.getElementById(menu?.getAttribute("aria-labelledby") ?? "")?.focus({ preventScroll: true });
}
