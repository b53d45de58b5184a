/** The most that the API takes for the name of a project or a key. */
export const MAX_NAME_LENGTH = 200;

const MAX_ID_LENGTH = 64;

/** Why a new project cannot have the id, or `undefined` when it can; `taken` are the ids that there are. */
export function projectIdProblem(id: string, taken: readonly string[]): string | undefined {
  if (!/^[a-z0-9_-]+$/.test(id) || id.length > MAX_ID_LENGTH) {
    return `1 to ${MAX_ID_LENGTH} small letters, digits, - and _`;
  }
  return taken.includes(id) ? "There is a project with this id already" : undefined;
}
