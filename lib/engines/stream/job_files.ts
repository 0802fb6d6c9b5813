/**
 * The files of a job that its hosts need.
 *
 * @module
 */

import { findData } from "../shared/data_files.ts";
import { findModules } from "../shared/module_files.ts";
import { statIfThere } from "../../util/files/fs.ts";
import type { EngineContext } from "../engine.ts";

/**
 * Returns the local paths of the files that a host needs, by their paths in the job's folder there.
 *
 * @param program the name of the program there
 * @throws {UsageError} when a file or a module does not exist.
 */
export function jobFilesForHosts(
  { bundle, ship, warn }: Pick<EngineContext, "bundle" | "ship" | "warn">,
  program: string,
): Readonly<Record<string, string>> {
  if (!ship) return { [program]: bundle };
  const { files, warnings } = findData(ship.data), { requirements } = ship;
  for (const warning of warnings) warn(`Warning: ${warning}`);
  if (requirements.length > 0) {
    const names = typeof requirements === "string" ? requirements : requirements.join(", ");
    warn(
      `Warning: the requirements (${names}) are not installed on the hosts, which must have them`,
    );
  }
  const shipped = { ...findModules(ship.modules, bundle.endsWith(".py")), ...files };
  const work = Object.entries(shipped).map(([name, path]) => [`work/${name}`, path]);
  return { [program]: bundle, ...Object.fromEntries(work) };
}

/**
 * Returns the versions of files, so that a host receives a file again that has changed. A file that is
 * gone here has none: a host that has it keeps it.
 *
 * @param sources the local paths of the files, by their paths on the host
 * @param program the program, whose name changes with its text
 */
export function fileVersions(
  sources: Readonly<Record<string, string>>,
  program: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(sources).flatMap(([name, path]) => {
      const info = name === program ? undefined : statIfThere(path);
      return info ? [[name, `${info.size}-${info.mtime?.getTime()}`]] : [];
    }),
  );
}
