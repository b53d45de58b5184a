import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { IconButton } from "@/kit/Button";
import { DarkIcon, KeyboardIcon, LightIcon, SystemIcon } from "@/kit/icons";
import { type ColorScheme, useColorScheme } from "@/kit/KitProvider";
import { Menu } from "@/kit/Menu";
import { useShortcuts } from "@/lib/shortcuts";
import { Brand } from "./Brand";
import { NAVIGATION } from "./navigation";
import { useOneProject } from "./useOneProject";
import classes from "./Shell.module.css";

const ShortcutDialog = lazy(() => import("./ShortcutDialog"));

/** The frame around every page: the rail, keyboard, help. */
export function Shell() {
  const [helpOpen, setHelpOpen] = useState(false);
  useOneProject();
  useShortcuts([{ key: "?", label: "Show keyboard shortcuts", run: () => setHelpOpen(true) }]);
  return (
    <div className={classes["shell"]}>
      <a className={classes["skip"]} href="#main" onClick={focusMain}>
        Skip to the content
      </a>
      <nav className={classes["rail"]} aria-label="Main">
        <Link to="/traces" className={classes["brand"]} aria-label="Sightline">
          <Brand />
        </Link>
        <RailLinks />
        <div className={classes["end"]}>
          <IconButton label="Keyboard shortcuts" onClick={() => setHelpOpen(true)}>
            <KeyboardIcon size={16} />
          </IconButton>
          <ThemeMenu />
        </div>
      </nav>
      <main id="main" className={classes["main"]} tabIndex={-1}>
        <Outlet />
      </main>
      <Suspense>{helpOpen ? <ShortcutDialog onClose={() => setHelpOpen(false)} /> : null}</Suspense>
    </div>
  );
}

function RailLinks() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return NAVIGATION.map(({ to, label, icon: Icon, covers }) => (
    <Link
      key={to}
      to={to}
      className={classes["link"]}
      activeProps={{}}
      {...(covers.some((prefix) => path.startsWith(prefix)) ? { "aria-current": "page" } : {})}
    >
      <Icon size={18} strokeWidth={1.9} aria-hidden />
      {label}
    </Link>
  ));
}

const SCHEMES: readonly { value: ColorScheme; label: string; icon: typeof SystemIcon }[] = [
  { value: "light", label: "Light", icon: LightIcon },
  { value: "dark", label: "Dark", icon: DarkIcon },
  { value: "auto", label: "Like the system", icon: SystemIcon },
];

function ThemeMenu() {
  const [scheme, setScheme] = useColorScheme();
  const Current = SCHEMES.find(({ value }) => value === scheme)?.icon ?? SystemIcon;
  return (
    <Menu
      title="Theme"
      target={
        <IconButton label="Theme">
          <Current size={16} />
        </IconButton>
      }
      entries={SCHEMES.map(({ value, label, icon: Icon }) => ({
        label,
        icon: <Icon size={14} />,
        active: value === scheme,
        run: () => setScheme(value),
      }))}
    />
  );
}

/** The router owns the address: the fragment must not reach it. */
function focusMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
