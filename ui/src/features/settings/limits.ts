import type { Limits, ProjectChanges, ProjectModel } from "@/api/schema";
import { formatInteger, plural } from "@/lib/format";

type LimitName = keyof Limits;

type Limit = {
  name: LimitName;
  /** Of its field, with the unit that is typed. */
  label: string;
  /** Of its place in a list: what stands before the limit where 0 means something, else what follows it. */
  short: string;
  /** Bytes, which people say in MB. */
  isBytes?: boolean;
  /** What 0 means; without it the server's own is the most, and 1 the least. */
  zero?: string;
  write: (value: number) => string;
};

const MB = 1024 * 1024;
/** More the API takes for no limit. */
const MOST = 2 ** 31 - 1;

const megabytes = (bytes: number): string => `${Number((bytes / MB).toPrecision(3))} MB`;
const characters = (count: number): string => plural(count, "character");

/** The limits of a project, as docs/operations.md has them. */
export const LIMITS: readonly Limit[] = [
  {
    name: "retention_days",
    label: "Spans are kept (days)",
    short: "Spans kept",
    zero: "for ever",
    write: (days) => plural(days, "day"),
  },
  {
    name: "max_spans_per_s",
    label: "Spans per second",
    short: "Spans per second",
    zero: "no limit",
    write: formatInteger,
  },
  { name: "max_body_size", label: "A request (MB)", short: "a request", isBytes: true, write: megabytes },
  { name: "max_decompressed_size", label: "A request, unpacked (MB)", short: "unpacked", isBytes: true, write: megabytes },
  { name: "max_attributes", label: "Attributes of a span", short: "a span", write: (count) => plural(count, "attribute") },
  { name: "max_attribute_size", label: "Characters of an attribute", short: "an attribute", write: characters },
  { name: "max_attribute_depth", label: "Levels of an attribute", short: "an attribute", write: (count) => plural(count, "level") },
  { name: "max_content_size", label: "Characters of an input or output", short: "of content", write: characters },
];

/** A limit in words: `30 days`, `for ever`, `16 MB`. */
export function limitText({ zero, write }: Limit, value: number): string {
  return zero !== undefined && value === 0 ? zero : write(value);
}

/** What to know of a limit before typing one: what the server has, and what may be typed. */
export function limitNote(limit: Limit, server: Limits): string {
  const value = server[limit.name];
  const text = limitText(limit, value);
  if (limit.zero === undefined) return `The server’s, and the most: ${text}`;
  return value === 0 ? `The server’s: ${text}` : `The server’s: ${text}; 0 is ${limit.zero}`;
}

/** The limits of its own that a project has besides those that a list has columns for. */
export function otherLimits({ own }: ProjectModel): string[] {
  return LIMITS.filter(({ zero }) => zero === undefined).flatMap((limit) => {
    const value = own[limit.name] ?? null;
    return value === null ? [] : [`${limitText(limit, value)} ${limit.short}`];
  });
}

export type LimitDraft = Readonly<Record<LimitName, string>>;

/** The limits as they stand in the fields; empty where the project has none of its own. */
export function limitDraft({ own }: ProjectModel): LimitDraft {
  const texts = LIMITS.map(({ name, isBytes }) => {
    const value = own[name] ?? null;
    return [name, value === null ? "" : isBytes ? typedMegabytes(value) : String(value)];
  });
  return Object.fromEntries(texts) as LimitDraft;
}

/** As few decimals as give the same number of bytes again. */
function typedMegabytes(bytes: number): string {
  for (let decimals = 0; decimals < 7; decimals++) {
    const text = (bytes / MB).toFixed(decimals);
    if (Math.round(Number(text) * MB) === bytes) return text;
  }
  return (bytes / MB).toFixed(7);
}

export type LimitProblems = Partial<Record<LimitName, string>>;

/** What was typed over: the limits to change, or what is wrong with them. What was not touched stays out of both. */
export function limitChanges(
  project: ProjectModel,
  draft: LimitDraft,
  server: Limits,
): { changes: Omit<ProjectChanges, "name">; problems: LimitProblems } {
  const before = limitDraft(project);
  const changes: Omit<ProjectChanges, "name"> = {};
  const problems: LimitProblems = {};
  for (const limit of LIMITS) {
    const text = draft[limit.name].trim();
    if (text === before[limit.name]) continue;
    const value = text === "" ? null : valueOf(limit, text);
    const problem = value === null ? undefined : limitProblem(limit, value, server);
    if (problem) problems[limit.name] = problem;
    else changes[limit.name] = value;
  }
  return { changes, problems };
}

function valueOf({ isBytes }: Limit, text: string): number {
  const isNumber = isBytes ? /^\d+(\.\d+)?$|^\.\d+$/.test(text) : /^\d+$/.test(text);
  if (!isNumber) return Number.NaN;
  return isBytes ? Math.round(Number(text) * MB) : Number(text);
}

function limitProblem(limit: Limit, value: number, server: Limits): string | undefined {
  if (Number.isNaN(value)) return limit.isBytes ? "A number, such as 1.5" : "A whole number";
  if (limit.zero !== undefined) return value > MOST ? `At most ${formatInteger(MOST)}` : undefined;
  if (value === 0) return "More than 0; empty is as the server";
  const most = server[limit.name];
  return value > most ? `At most ${limitText(limit, most)}, which is the server’s` : undefined;
}
