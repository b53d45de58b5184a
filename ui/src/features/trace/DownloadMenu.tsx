import { DOWNLOAD_FORMATS, traceDownloadUrl } from "@/api/replay";
import { IconButton } from "@/kit/Button";
import { DownloadIcon } from "@/kit/icons";
import { Menu } from "@/kit/Menu";

/** The trace as a file, in each format that the server writes. */
export function DownloadMenu({ traceId }: { traceId: string }) {
  return (
    <Menu
      title="Download as"
      target={
        <IconButton label="Download the trace">
          <DownloadIcon size={15} />
        </IconButton>
      }
      entries={DOWNLOAD_FORMATS.map(({ format, label }) => ({
        label,
        href: traceDownloadUrl(traceId, format),
      }))}
    />
  );
}
