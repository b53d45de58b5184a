/** A piece of a query's text; what is between pieces is white space. */
export type QueryToken = {
  kind: "field" | "operator" | "value" | "string" | "keyword" | "bracket" | "text";
  from: number;
  to: number;
};

/** A condition `field:value` that holds for the whole query: outside of brackets, and no alternative of an OR. */
type Condition = { field: string; values: readonly string[]; negated: boolean; from: number; to: number };

const PIECES = /(\s+)|("(?:[^"\\]|\\.)*(?:"|$))|([(){}])|([A-Za-z_][\w.-]*(?:\."(?:[^"\\]|\\.)*")?)(?=:|<|>|=|!=)|(!=|>=|<=|>>|[:<>=,])|(-)|([^\s(){}":<>=,]+)/gsu;
/** After an operator a value runs on over signs that would end a word. */
const VALUE = /[^\s(){}",]+/uy;
const KEYWORDS = new Set(["AND", "OR", "NOT"]);
const PLAIN_VALUE = /^[^\s(){}",*]+$/u;

/** Other names of fields, as the page writes them itself. */
const ALIASES = new Map([
  ["environment", "env"],
  ["category", "failure"],
  ["error_type", "error"],
]);

/** Splits a query, finished or not, for colours and for edits; the grammar itself is the server's. */
export function tokenize(text: string): QueryToken[] {
  const tokens: QueryToken[] = [];
  PIECES.lastIndex = 0;
  let wantsValue = false;
  while (PIECES.lastIndex < text.length) {
    const from = PIECES.lastIndex;
    VALUE.lastIndex = from;
    const value = wantsValue ? VALUE.exec(text) : null;
    if (value) {
      PIECES.lastIndex = VALUE.lastIndex;
      tokens.push({ kind: "value", from, to: VALUE.lastIndex });
      wantsValue = false;
      continue;
    }
    const match = PIECES.exec(text);
    if (!match) break;
    const to = PIECES.lastIndex;
    const kind = kindOf(match);
    wantsValue = kind === "operator" && match[0] !== ">>" && tokens.at(-1)?.kind !== "bracket";
    if (kind) tokens.push({ kind, from: match.index, to });
  }
  return tokens;
}

function kindOf([, space, string, bracket, field, operator, minus, word]: RegExpExecArray): QueryToken["kind"] | null {
  if (space !== undefined) return null;
  if (string !== undefined) return "string";
  if (bracket !== undefined) return "bracket";
  if (field !== undefined) return "field";
  if (operator !== undefined) return "operator";
  if (minus !== undefined) return "keyword";
  return KEYWORDS.has(word ?? "") ? "keyword" : "text";
}

/** The values of a field that the query as a whole demands, and those that it forbids. */
export function conditionsOn(query: string, field: string): { value: string; negated: boolean }[] {
  return conditionsOf(query)
    .filter((condition) => canonical(condition.field) === field && isAlone(condition))
    .flatMap(({ values, negated }) => values.map((value) => ({ value, negated })));
}

/** Whether the query as a whole demands (or, negated, forbids) the value. */
export function hasCondition(query: string, field: string, value: string, negated = false): boolean {
  return findCondition(query, field, value, negated) !== undefined;
}

/** The query with one more condition; the opposite one is taken out. */
export function addCondition(query: string, field: string, value: string, negated = false): string {
  const rest = removeCondition(query, field, value, !negated);
  if (hasCondition(rest, field, value, negated)) return rest;
  return narrow(rest, `${negated ? "-" : ""}${field}:${quoteValue(value)}`);
}

/** Fields whose presence is a fact of `has:`; the absence of others cannot be asked for. */
const FACTS = new Set(["session", "user", "prompt", "tool", "guardrail", "cache", "failure"]);

export function canBeAbsent(field: string): boolean {
  return FACTS.has(field);
}

/** The query narrowed to traces without any value of a field that `canBeAbsent`. */
export function addAbsence(query: string, field: string): string {
  return narrow(query.trim(), `-has:${field}`);
}

/** Both must hold: the query and one more condition, however each is put together. */
export function narrow(query: string, condition: string): string {
  if (query === "") return condition;
  return hasAlternatives(tokenize(query), query) ? `(${query}) ${condition}` : `${query} ${condition}`;
}

/** The query without a condition that `hasCondition` finds. */
export function removeCondition(query: string, field: string, value: string, negated = false): string {
  const found = findCondition(query, field, value, negated);
  if (!found) return query.trim();
  const kept = found.values.filter((other) => other !== value);
  const instead = kept.length > 0 ? `${negated ? "-" : ""}${found.field}:${kept.map(quoteValue).join(",")}` : "";
  const parts = [query.slice(0, found.from).trim(), instead, query.slice(found.to).trim()];
  return parts.filter((part) => part !== "").join(" ");
}

/** A value as it is written after `field:`, quoted where it would mean something else. */
export function quoteValue(value: string): string {
  if (PLAIN_VALUE.test(value) && !value.includes("..")) return value;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function findCondition(query: string, field: string, value: string, negated: boolean): Condition | undefined {
  return conditionsOf(query).find(
    (condition) =>
      canonical(condition.field) === field &&
      condition.negated === negated &&
      condition.values.includes(value) &&
      isAlone(condition),
  );
}

function canonical(field: string): string {
  return ALIASES.get(field) ?? field;
}

/** Each of several forbidden values is forbidden; of several wanted ones none is demanded. */
function isAlone({ values, negated }: Condition): boolean {
  return negated || values.length === 1;
}

function conditionsOf(query: string): Condition[] {
  const tokens = tokenize(query);
  if (hasAlternatives(tokens, query)) return [];
  const conditions: Condition[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind === "bracket") depth += "({".includes(query.slice(token.from, token.to)) ? 1 : -1;
    if (token.kind === "field" && depth === 0) {
      const condition = conditionAt(query, tokens, index);
      if (condition) conditions.push(condition);
    }
  }
  return conditions;
}

function conditionAt(query: string, tokens: readonly QueryToken[], index: number): Condition | null {
  const textOf = (token: QueryToken | undefined): string => (token ? query.slice(token.from, token.to) : "");
  const before = tokens[index - 1];
  const first = tokens[index];
  if (!first || ![":", "="].includes(textOf(tokens[index + 1]))) return null;
  const values: string[] = [];
  let last = index + 1;
  do {
    const value = tokens[last + 1];
    if (value?.kind !== "value" && value?.kind !== "string") break;
    values.push(unquote(textOf(value)));
    last += 2;
  } while (textOf(tokens[last]) === ",");
  const negated = before !== undefined && ["-", "NOT"].includes(textOf(before));
  const end = tokens[last - 1];
  if (values.length === 0 || !end) return null;
  return { field: textOf(first), values, negated, from: negated ? before.from : first.from, to: end.to };
}

function unquote(text: string): string {
  return text.startsWith('"') ? text.replace(/^"|"$/g, "").replace(/\\(.)/gs, "$1") : text;
}

function hasAlternatives(tokens: readonly QueryToken[], query: string): boolean {
  let depth = 0;
  for (const { kind, from, to } of tokens) {
    const text = query.slice(from, to);
    if (kind === "bracket") depth += "({".includes(text) ? 1 : -1;
    if (kind === "keyword" && text === "OR" && depth === 0) return true;
  }
  return false;
}
