import "@mantine/core/styles/Tabs.css";
import { Tabs as MantineTabs } from "@mantine/core";
import type { ReactNode } from "react";

export type Tab = { id: string; label: string; count?: number; content: () => ReactNode };

type TabsProps = { tabs: readonly Tab[]; value: string; onChange: (id: string) => void; label: string };

/** Tabs; only the open one's content exists. */
export function Tabs({ tabs, value, onChange, label }: TabsProps) {
  const open = tabs.some((tab) => tab.id === value) ? value : (tabs[0]?.id ?? "");
  return (
    <MantineTabs value={open} onChange={(id) => id && onChange(id)} keepMounted={false}>
      <MantineTabs.List aria-label={label} style={{ flexWrap: "nowrap", overflowX: "auto", overflowY: "hidden" }}>
        {tabs.map((tab) => (
          <MantineTabs.Tab
            key={tab.id}
            ref={tab.id === open ? scrollToTab : null}
            value={tab.id}
            fz="sm"
            px={10}
            py={8}
            style={{ flex: "none" }}
          >
            {tab.label}
            {tab.count ? <span style={{ color: "var(--sl-faint)", marginLeft: 5 }}>{tab.count}</span> : null}
          </MantineTabs.Tab>
        ))}
      </MantineTabs.List>
      {tabs.map((tab) => (
        <MantineTabs.Panel key={tab.id} value={tab.id}>
          {tab.id === open ? tab.content() : null}
        </MantineTabs.Panel>
      ))}
    </MantineTabs>
  );
}

/** Of many tabs on a narrow screen, the open one may stand outside. */
function scrollToTab(tab: HTMLElement | null): void {
  tab?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
