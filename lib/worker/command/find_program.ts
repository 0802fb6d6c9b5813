/**
 * The search for a program on this machine.
 *
 * @module
 */

/**
 * Returns the path of a program: a name without a slash is searched in the folders of PATH.
 *
 * @param path the value of PATH
 * @returns the path, or the name itself when this process may not look.
 * @throws {Deno.errors.NotFound} when there is no such file, it cannot be executed, or its
 * name is empty.
 */
export function findProgram(name: string, path: string | undefined = pathVariable()): string {
  if (name === "") throw new Deno.errors.NotFound("the first word of the command is empty");
  if (path === undefined) return name;
  const isPath = name.includes("/");
  const places = isPath ? [name] : foldersOf(path).map((folder) => `${folder}/${name}`);
  try {
    const reasons = new Map(places.map((place) => [reasonAgainst(place), place]));
    const found = reasons.get(undefined);
    if (found !== undefined) return found;
    const [reason, place] = [...reasons].find(([text]) => text !== NO_FILE) ?? [];
    if (place !== undefined) throw new Deno.errors.NotFound(`${place} ${reason}`);
    throw new Deno.errors.NotFound(
      isPath ? `${name} ${NO_FILE}` : `no folder of PATH has the program "${name}"`,
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw error;
    return name;
  }
}

/** Returns true when a folder of PATH has a program. */
export function isOnPath(name: string): boolean {
  const places = foldersOf(pathVariable() ?? "").map((folder) => `${folder}/${name}`);
  return places.some((place) => reasonAgainst(place) === undefined);
}

/** Returns the folders of PATH. An empty one is the working directory. */
export function foldersOf(path: string): string[] {
  return path.split(":").map((folder) => folder || ".");
}

const NO_FILE = "does not exist";

/** Returns the reason that a file is not a program; undefined when it is one. */
function reasonAgainst(path: string): string | undefined {
  let info;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (isMissing(error)) return NO_FILE;
    throw error;
  }
  if (!info.isFile) return "is not a file";
  // A system without modes has no such bit.
  return ((info.mode ?? 1) & 0o111) > 0 ? undefined : "is not executable: run chmod +x";
}

function isMissing(error: unknown): boolean {
  const { NotFound, NotADirectory, PermissionDenied, FilesystemLoop } = Deno.errors;
  return [NotFound, NotADirectory, PermissionDenied, FilesystemLoop].some((kind) =>
    error instanceof kind
  );
}

function pathVariable(): string | undefined {
  try {
    return Deno.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
  } catch {
    return undefined;
  }
}
