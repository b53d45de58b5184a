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

/** The query that finds the traces with a call made with a version, among those that `q` finds. */
export function queryOf(prompt: string, version: string, q = ""): string {
  return narrow(q, `{prompt:${quoteValue(prompt)} prompt_version:${quoteValue(version)}}`);
}
