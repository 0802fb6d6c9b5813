/**
 * The `init` command: writes the files of a new project.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import { exists, removeIfThere, writeAll } from "../util/files/fs.ts";
import { cannotWrite } from "../util/files/named_file.ts";
import { shellWord } from "../util/shell.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import type { Language, ProjectFile } from "./init_files.ts";
import { say } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs init`. */
export const initCommand: Command = {
  name: "init",
  usage: "init [ts|py] [FOLDER]",
  doc: `${SUMMARIES.init} The function is in TypeScript (ts, the default) or Python (py).`,
  examples: ["dl_jobs init", "dl_jobs init py rainfall"],
  options: [],
  run: runInit,
};

async function runInit({ positional }: Call): Promise<number> {
  const [language = "ts", folder = ".", extra] = positional;
  if (extra !== undefined) {
    throw new UsageError(`Cannot use "${extra}": the folder is ${folder}, name one folder`);
  }
  const { written, kept } = await writeProject(checkLanguage(language), folder);
  const at = folder === "." ? "" : ` in ${folder}`;
  say(`Wrote ${written.map(({ path }) => path).join(", ")}${at}`);
  for (const { path, use } of kept) say(`Kept ${path}, which exists: ${use}`);
  const steps = [`dl_jobs map task.${language}#task list.ndjson`, "dl_jobs status"];
  console.log([...folder === "." ? [] : [`cd ${shellWord(folder)}`], ...steps].join("\n"));
  return EXIT.done.status;
}

function checkLanguage(word: string): Language {
  if (word === "ts" || word === "py") return word;
  throw new UsageError(
    `Cannot start a project in "${word}": write ts (TypeScript) or py (Python), then the folder, ` +
      "such as dl_jobs init py rainfall",
  );
}

/** The outcome of {@linkcode writeProject}. */
interface NewProject {
  /** The files that were written. */
  readonly written: readonly ProjectFile[];
  /** The files that existed, and are unchanged. */
  readonly kept: readonly ProjectFile[];
}

/**
 * Writes the files of a project into a folder, and creates the folder when it is missing.
 *
 * @throws {UsageError} when the function or the list exists, before anything is written, or when a
 * file cannot be written.
 */
async function writeProject(language: Language, folder: string): Promise<NewProject> {
  const { projectFiles } = await import("./init_files.ts");
  const files = await projectFiles(language);
  const found = files.map(({ path, otherPath = path }) =>
    [path, otherPath].find((one) => exists(`${folder}/${one}`))
  );
  const kept = files.flatMap((file, i) =>
    found[i] === undefined ? [] : { ...file, path: found[i] }
  );
  const own = kept.filter(({ use }) => use === undefined).map(({ path }) => path);
  if (own.length > 0) {
    throw new UsageError(
      `Cannot start a project in ${folder}: ${own.join(" and ")} would be overwritten, name ` +
        `another folder, such as dl_jobs init ${language} my_job`,
    );
  }
  const written = files.filter((_, i) => found[i] === undefined);
  const made: ProjectFile[] = [];
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const file of written) {
      using open = Deno.openSync(`${folder}/${file.path}`, { write: true, createNew: true });
      made.push(file);
      writeAll(open, new TextEncoder().encode(file.text), file.path, "");
    }
  } catch (cause) {
    for (const { path } of made) removeIfThere(`${folder}/${path}`);
    throw cannotWrite(`the project to ${folder}`, cause as Error, "name another folder");
  }
  return { written, kept };
}
