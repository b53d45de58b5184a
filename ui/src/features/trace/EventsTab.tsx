import { Link } from "@tanstack/react-router";
import type { SpanDetail } from "@/api/schema";
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
        <section key={index} className={classes["document"]} aria-label={event.name}>
          <div className={classes["documentHead"]}>
            <strong>{event.name}</strong>
            <Timestamp time={event.time} />
          </div>
          <EventAttributes attributes={event.attributes} />
        </section>
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
function EventAttributes({ attributes }: { attributes: SpanDetail["events"][number]["attributes"] }) {
  const stack = attributes["exception.stacktrace"];
  const rest = Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== "exception.stacktrace"));
  return (
    <>
      <JsonTree value={rest} />
      {typeof stack === "string" ? <TextContent text={stack} look="code" /> : null}
    </>
  );
}
