import { DOWNLOAD_FORMATS } from "@/api/replay";
import { DOWNLOADED_TRACES, type TraceFilter, tracesDownloadUrl } from "@/api/traceList";
import { IconButton } from "@/kit/Button";
import { DownloadIcon } from "@/kit/icons";
import { Menu } from "@/kit/Menu";
import { formatInteger } from "@/lib/format";

/** The newest of the traces found as a file, in each format that the server writes. */
export function DownloadTraces({ filter }: { filter: TraceFilter }) {
  const title = `Download the newest ${formatInteger(DOWNLOADED_TRACES)}`;
  return (
    <Menu
      title={title}
      target={
        <IconButton label={title}>
          <DownloadIcon size={15} />
        </IconButton>
      }
      entries={DOWNLOAD_FORMATS.map(({ format, label }) => ({
        label,
        href: tracesDownloadUrl(filter, format),
      }))}
    />
  );
}
