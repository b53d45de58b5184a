import { Dialog } from "@/kit/Dialog";
import { useActiveShortcuts } from "@/lib/shortcuts";
import classes from "./ShortcutDialog.module.css";

const KEY_NAMES: Record<string, string> = {
  Enter: "enter",
  Escape: "esc",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
};

/** The keys that work on the page that is open. */
export default function ShortcutDialog({ onClose }: { onClose: () => void }) {
  const shortcuts = useActiveShortcuts();
  return (
    <Dialog open onClose={onClose} title="Keyboard shortcuts">
      <dl className={classes["list"]}>
        {shortcuts.map(({ key, label }) => (
          <div key={key} style={{ display: "contents" }}>
            <dt>
              <kbd className={classes["key"]}>{KEY_NAMES[key] ?? key}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
