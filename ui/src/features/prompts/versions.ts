import { quoteValue } from "@/lib/queryText";

/** A version as it is shown. */
export function versionName(version: string): string {
  return version === "" ? "(no version)" : version;
}

/** The query that finds the traces with a call made with a version. */
export function queryOf(prompt: string, version: string): string {
  const ofPrompt = `prompt:${quoteValue(prompt)}`;
  return version === "" ? ofPrompt : `{${ofPrompt} prompt_version:${quoteValue(version)}}`;
}
