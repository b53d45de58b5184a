/** Which traces are beside each other, and what of them is looked at. */
export type CompareSearch = {
  left?: string;
  right?: string;
  /** The span of the left and of the right trace, `left.right`; one of them is empty when only one has the step. */
  step?: string;
  /** Whether only steps that differ are shown. */
  only?: true;
};

const TRACE_ID = /^[0-9a-f]{32}$/;

/** Reads the comparison's state from the URL. */
export function parseCompareSearch(search: Record<string, unknown>): CompareSearch {
  const text = (name: string): string => String(search[name] ?? "").toLowerCase();
  return {
    ...(isTraceId(text("left")) ? { left: text("left") } : {}),
    ...(isTraceId(text("right")) ? { right: text("right") } : {}),
    ...(/^[0-9a-f]*\.[0-9a-f]*$/.test(text("step")) ? { step: text("step") } : {}),
    ...(search["only"] === true ? { only: true } : {}),
  };
}

/** Whether a text is the id of a trace. */
function isTraceId(text: string): boolean {
  return TRACE_ID.test(text);
}
