import { Fragment, type ReactNode, useState } from "react";
import type { SpanDetail } from "@/api/schema";
import { TextField } from "@/kit/Fields";
import { SearchIcon } from "@/kit/icons";
import { TextContent } from "@/kit/TextContent";
import classes from "./SpanPanel.module.css";

/** What else the emitter sent, by exact name. */
export function AttributesTab({ span }: { span: SpanDetail }) {
  const [wanted, setWanted] = useState("");
  return (
    <div className={classes["content"]}>
      <div className={classes["filter"]}>
        <TextField
          label="Filter attributes"
          hideLabel
          placeholder="Filter by name or value"
          icon={<SearchIcon size={13} />}
          value={wanted}
          onChange={setWanted}
          onEscape={wanted ? () => setWanted("") : undefined}
        />
      </div>
      <Attributes title="Span" attributes={span.attributes} wanted={wanted} />
      <Attributes title="Resource" attributes={span.resource} wanted={wanted} />
    </div>
  );
}

type AttributesProps = { title: string; attributes: Record<string, string>; wanted: string };

function Attributes({ title, attributes, wanted }: AttributesProps) {
  const needle = wanted.toLowerCase();
  const rows = Object.entries(attributes)
    .filter(([name, value]) => name.toLowerCase().includes(needle) || value.toLowerCase().includes(needle))
    .toSorted(([a], [b]) => a.localeCompare(b));
  return (
    <section className={classes["section"]} aria-label={title}>
      <h3 className={classes["heading"]}>
        {title} ({rows.length})
      </h3>
      <dl className={`${classes["table"]} ${classes["attributes"]}`}>
        {rows.map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt className={classes["mono"]}>{breakable(name)}</dt>
            <dd>
              <TextContent text={value} look={/^\s*[[{]/.test(value) ? "auto" : "code"} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The name, which may be broken after its dots and underscores. */
function breakable(name: string): ReactNode {
  return name.split(/(?<=[._])/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 ? <wbr /> : null}
      {part}
    </Fragment>
  ));
}
