import { IconButton } from "@/kit/Button";
import { CollapseIcon, ExpandIcon } from "@/kit/icons";
import { formatInteger, plural } from "@/lib/format";
import type { SpanTree } from "./spanTree";
import classes from "./Waterfall.module.css";

type BarProps = { tree: SpanTree; shown: number; onFoldAll: () => void; onUnfoldAll: () => void };

/** The controls of the waterfall. */
export function WaterfallBar({ tree, shown, onFoldAll, onUnfoldAll }: BarProps) {
  return (
    <div className={classes["bar"]}>
      <span>
        {shown === tree.count ? plural(tree.count, "span") : `${formatInteger(shown)} of ${plural(tree.count, "span")}`}
      </span>
      <span className={classes["spread"]} />
      <IconButton label="Fold all" onClick={onFoldAll}>
        <CollapseIcon size={14} />
      </IconButton>
      <IconButton label="Unfold all" onClick={onUnfoldAll}>
        <ExpandIcon size={14} />
      </IconButton>
    </div>
  );
}
