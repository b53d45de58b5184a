import type { Prompt } from "@/api/schema";
import { plural } from "@/lib/format";
import { narrow, quoteValue } from "@/lib/queryText";

/** Which versions these are, when there are more. */
export function cutInWords(prompts: readonly Prompt[]): string {
  const versions = prompts.reduce((sum, prompt) => sum + prompt.versions.length, 0);
  return `The ${plural(versions, "version")} used last; older ones are left out. A shorter time range or a query narrows them.`;
}

/** A version as it is shown. */
export function versionName(version: string): string {
  return version === "" ? "(no version)" : version;
}

/** What cannot be asked of one span: paths, and what only a trace has. */
const OF_TRACES = /[{}]|\b(spans|errors|llm_calls)\s*[:=<>!]/;

/** The query that finds the traces with a call made with a version that fits `q`, as its figures do. */
export function queryOf(prompt: string, version: string, q = ""): string {
  const call = `kind:llm,embedding prompt:${quoteValue(prompt)} prompt_version:${quoteValue(version)}`;
  return OF_TRACES.test(q) ? narrow(q, `{${call}}`) : `{${narrow(q, call)}}`;
}
