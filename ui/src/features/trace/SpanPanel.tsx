import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { spanQuery } from "@/api/traces";
import type { SpanDetail } from "@/api/schema";
import { Badge } from "@/kit/Badge";
import { IconButton } from "@/kit/Button";
import { CopyButton } from "@/kit/CopyButton";
import { Cost, Duration, Tokens } from "@/kit/Figures";
import { CloseIcon } from "@/kit/icons";
import { KindIcon } from "@/kit/KindIcon";
import { Sought } from "@/kit/sought";
import { ErrorState, LoadingRows } from "@/kit/States";
import { type Tab, Tabs } from "@/kit/Tabs";
import { parseKind } from "@/lib/kinds";
import { useTextHighlight } from "@/lib/useTextHighlight";
import { AttributesTab } from "./AttributesTab";
import { CallMenu } from "./CallMenu";
import { ContentTab } from "./ContentTab";
import { DetailsTab } from "./DetailsTab";
import { EventsTab } from "./EventsTab";
import { RawTab } from "./RawTab";
import { ReviewButtons } from "./ReviewButtons";
import { ScoresTab } from "./ScoresTab";
import { linkToSpan } from "./search";
import { SpanLinks } from "./SpanLinks";
import classes from "./SpanPanel.module.css";
import { useScores } from "./useScores";

type PanelProps = {
  traceId: string;
  spanId: string;
  tab: string;
  /** Text to mark where it is shown. */
  find: string;
  onTab: (tab: string) => void;
  onClose: () => void;
};

/** Everything about one span. The one before stays on the screen until the next has arrived. */
export function SpanPanel({ traceId, spanId, tab, find, onTab, onClose }: PanelProps) {
  const { data, error, refetch } = useQuery({ ...spanQuery(traceId, spanId), placeholderData: keepPreviousData });
  const { scores } = useScores(traceId, spanId);
  const body = useRef<HTMLDivElement>(null);
  useTextHighlight(body, data?.span_id === spanId ? find : "");
  if (error && !data) {
    return (
      <>
        <div className={classes["head"]}>
          <div className={classes["tools"]}>
            <CloseButton onClose={onClose} />
          </div>
        </div>
        <ErrorState error={error} retry={() => void refetch()} />
      </>
    );
  }
  if (!data) return <LoadingRows rows={6} label="Loading the span" />;
  return (
    <>
      <PanelHeader span={data} onClose={onClose} />
      <div ref={body} className={classes["body"]} aria-busy={data.span_id !== spanId}>
        <Sought value={find}>
          <Tabs key={data.span_id} label="Of the span" tabs={tabsOf(data, scores.length)} value={tab} onChange={onTab} />
        </Sought>
      </div>
    </>
  );
}

function tabsOf(span: SpanDetail, scores: number): Tab[] {
  const attributes = Object.keys(span.attributes).length + Object.keys(span.resource).length;
  return [
    { id: "content", label: span.input_messages ? "Conversation" : "Content", content: () => <ContentTab span={span} /> },
    { id: "details", label: "Details", content: () => <DetailsTab span={span} /> },
    { id: "attributes", label: "Attributes", count: attributes, content: () => <AttributesTab span={span} /> },
    {
      id: "events",
      label: "Events",
      count: span.events.length + span.links.length,
      content: () => <EventsTab span={span} />,
    },
    {
      id: "scores",
      label: "Scores",
      count: scores,
      content: () => <ScoresTab traceId={span.trace_id} spanId={span.span_id} />,
    },
    { id: "raw", label: "Raw", content: () => <RawTab span={span} /> },
  ];
}

function CloseButton({ onClose }: { onClose: () => void }) {
  return (
    <IconButton label="Close the span" onClick={onClose}>
      <CloseIcon size={15} />
    </IconButton>
  );
}

function PanelHeader({ span, onClose }: { span: SpanDetail; onClose: () => void }) {
  return (
    <div className={classes["head"]}>
      <div className={classes["line"]}>
        <KindIcon kind={parseKind(span.kind)} />
        <h2 className={classes["title"]} title={span.name}>
          {span.name || "(no name)"}
        </h2>
        {span.status === "error" ? (
          <span className={classes["error"]}>
            <Badge tone="error" title={span.error_type}>
              {span.error_type || "error"}
            </Badge>
          </span>
        ) : null}
        <div className={classes["tools"]}>
          <ReviewButtons key={span.span_id} traceId={span.trace_id} spanId={span.span_id} />
          {span.kind === "llm" || span.kind === "embedding" ? (
            <CallMenu key={`call ${span.span_id}`} traceId={span.trace_id} spanId={span.span_id} />
          ) : null}
          <CopyButton text={() => linkToSpan(window.location.href, span.span_id)} label="Copy a link to this span" />
          <CloseButton onClose={onClose} />
        </div>
      </div>
      <dl className={classes["figures"]}>
        {span.model ? (
          <div>
            <dt>Model</dt>
            <dd>{span.model}</dd>
          </div>
        ) : null}
        <div>
          <dt>Duration</dt>
          <dd>
            <Duration ns={span.duration_ns} />
          </dd>
        </div>
        {span.time_to_first_token_ns > 0 ? (
          <div>
            <dt>First token</dt>
            <dd>
              <Duration ns={span.time_to_first_token_ns} />
            </dd>
          </div>
        ) : null}
        {span.tokens.input + span.tokens.output > 0 ? (
          <div>
            <dt>Tokens</dt>
            <dd>
              <Tokens tokens={span.tokens} />
            </dd>
          </div>
        ) : null}
        {span.cost.state === "none" ? null : (
          <div>
            <dt>Cost</dt>
            <dd>
              <Cost cost={span.cost} />
            </dd>
          </div>
        )}
      </dl>
      <SpanLinks span={span} />
    </div>
  );
}
