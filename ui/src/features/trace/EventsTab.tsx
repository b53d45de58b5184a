import { Link } from "@tanstack/react-router";
import type { SpanDetail } from "@/api/schema";
import { CopyButton } from "@/kit/CopyButton";
import { Timestamp } from "@/kit/Figures";
import { JsonTree } from "@/kit/JsonTree";
import { TextContent } from "@/kit/TextContent";
import classes from "./SpanPanel.module.css";

/** Events recorded on the span, in time order, and links to other traces. */
export function EventsTab({ span }: { span: SpanDetail }) {
  if (span.events.length + span.links.length === 0) {
    return (
      <div className={classes["content"]}>
        <p className={classes["dim"]}>No events and no links.</p>
      </div>
    );
  }
  return (
    <div className={classes["content"]}>
      {span.events.map((event, index) => (
        <Event key={index} event={event} />
      ))}
      {span.links.map((link, index) => (
        <section key={index} className={classes["document"]} aria-label="Link">
          <div className={classes["documentHead"]}>
            <strong>Link</strong>
            <Link to="/t/$traceId" params={{ traceId: link.trace_id }} search={{ span: link.span_id }}>
              {link.trace_id}
            </Link>
          </div>
          <JsonTree value={link.attributes} />
        </section>
      ))}
    </div>
  );
}

/** A stack trace is text with lines; in a tree it would be one long string. */
function Event({ event: { name, time, attributes } }: { event: SpanDetail["events"][number] }) {
  const { "exception.stacktrace": stack, ...rest } = attributes;
  return (
    <section className={classes["document"]} aria-label={name}>
      <div className={classes["documentHead"]}>
        <strong>{name}</strong>
        <Timestamp time={time} />
        {typeof stack === "string" ? (
          <span className={classes["tools"]}>
            <CopyButton text={stack} label="Copy the stack trace" />
          </span>
        ) : null}
      </div>
      <JsonTree value={rest} />
      {typeof stack === "string" ? <TextContent text={stack} look="code" /> : null}
    </section>
  );
}
