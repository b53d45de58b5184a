type Handlers = {
  onState: (state: "connecting" | "open" | "lost") => void;
  events: Record<string, (data: string) => void>;
};

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** Listens to server-sent events until the returned function is called, through interruptions and refusals. */
export function openEventStream(url: string, { onState, events }: Handlers): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;
  const connect = (): void => {
    const opened = new EventSource(url);
    source = opened;
    onState("connecting");
    opened.addEventListener("open", () => {
      retryMs = FIRST_RETRY_MS;
      onState("open");
    });
    opened.addEventListener("error", () => {
      onState("lost");
      // After a lost connection the browser tries again itself; an answer that is no stream makes it give up.
      if (opened.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, retryMs);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    });
    for (const [name, handle] of Object.entries(events)) {
      opened.addEventListener(name, (event: MessageEvent<string>) => handle(event.data));
    }
  };
  connect();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
