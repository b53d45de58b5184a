import { baseUrl } from "@/lib/baseUrl";
import { parseMembers } from "@/lib/json";
import type { Operations } from "./schema";

type Operation = keyof Operations;
type Arguments<K extends Operation> = {
  path?: Operations[K]["path"];
  query?: Operations[K]["query"];
  body?: Operations[K]["body"];
  headers?: Record<string, string>;
  /** Members of the answer with content of strangers, whose long numbers keep their digits. */
  content?: readonly string[];
  signal?: AbortSignal;
};

/** Where a query cannot be read: the character, and what could have stood there. */
export type QueryFault = { position: number; expected: readonly string[]; message: string };

/** An answer of the API that is not a success, or no answer at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  /** Set when the query `q` was at fault. */
  readonly queryFault: QueryFault | null;

  constructor(status: number, title: string, detail: string, queryFault: QueryFault | null = null) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.title = title;
    this.queryFault = queryFault;
  }
}

/** What is wrong with the query, when it was that. */
export function queryFaultOf(error: Error | null): QueryFault | null {
  return error instanceof ApiError ? error.queryFault : null;
}

/** Calls one operation of the API and returns its answer; throws `ApiError`. */
export async function call<K extends Operation>(
  operation: K,
  { path, query, body, headers, content, signal }: Arguments<K> = {},
): Promise<Operations[K]["answer"]> {
  const [method = "GET", template = ""] = operation.split(" ");
  // The API redirects nobody; a sign-in in front of it does, once a session has expired.
  const init: RequestInit = { method, headers: { ...headers, Accept: "application/json" }, redirect: "manual" };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
  }
  // Without it a request that changes something is refused: forms of other sites cannot send it.
  if (method !== "GET") init.headers = { ...init.headers, "Content-Type": "application/json" };
  const response = await fetch(urlOf(template, path, query), init).catch(noAnswer);
  if (isOfSomebodyElse(response)) {
    const detail = "Something in front of Sightline answered in its place, most likely to have you sign in again.";
    throw new ApiError(401, "Signed out", detail);
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as Operations[K]["answer"];
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  const answer = await (isJson && !content ? response.json() : response.text()).catch(noAnswer);
  return (isJson && content ? parseMembers(String(answer), content) : answer) as Operations[K]["answer"];
}

/** Says that there was none, or that it broke off; what was not wanted any more is thrown as it is. */
function noAnswer(cause: unknown): never {
  if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
  throw new ApiError(0, "No answer", "The server did not answer. It may be down or restarting.");
}

/** Whether a sign-in or a proxy answered: by a redirect, or with a page of its own as if it were the answer. */
function isOfSomebodyElse({ type, ok, headers }: Response): boolean {
  return type === "opaqueredirect" || (ok && (headers.get("content-type")?.includes("html") ?? false));
}

/** The address of an operation, for links and event streams. */
export function urlOf(template: string, path: object = {}, query: object = {}): string {
  const values = new Map<string, unknown>(Object.entries(path));
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  const url = new URL(filled.replace(/^\//, ""), baseUrl());
  for (const [name, value] of Object.entries(query) as [string, unknown][]) {
    if (value === undefined || value === null || value === "") continue;
    for (const item of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(item));
  }
  return url.toString();
}

async function problemOf(response: Response): Promise<ApiError> {
  const fallback = `The server answered ${response.status} ${response.statusText}`.trim();
  const problem: unknown = await response.json().catch(() => null);
  const member = (name: string): unknown =>
    typeof problem === "object" && problem !== null ? Reflect.get(problem, name) : undefined;
  const text = (name: string): string | undefined => {
    const value = member(name);
    return typeof value === "string" ? value : undefined;
  };
  const detail = text("detail") ?? fallback;
  const position = member("position");
  const expected = member("expected");
  const fault =
    typeof position === "number"
      ? { position, expected: Array.isArray(expected) ? expected.map(String) : [], message: detail }
      : null;
  return new ApiError(response.status, text("title") ?? "Request failed", detail, fault);
}
