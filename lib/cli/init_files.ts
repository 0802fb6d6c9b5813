/**
 * The files of a new project.
 *
 * @module
 */

import { configText } from "../config/config_text.ts";
import { CONFIG_FILE } from "../config/file.ts";

/** A language of task functions: TypeScript or Python. */
export type Language = "ts" | "py";

/** A file of a new project. */
export interface ProjectFile {
  /** Its path in the project. */
  readonly path: string;
  /** Its content. */
  readonly text: string;
  /** Another name of such a file, which takes its place if it exists. */
  readonly otherPath?: string | undefined;
  /**
   * The next step of the user when the file exists, as a sentence without a full stop. Without it, the
   * project needs this very file.
   */
  readonly use?: string | undefined;
}

/** Returns the files of a new project whose function is in the language. */
export async function projectFiles(language: Language): Promise<ProjectFile[]> {
  const isPython = language === "py";
  const ignored = isPython ? [...OUTPUT, ".venv/"] : OUTPUT;
  return [
    FUNCTIONS[language],
    { path: "list.ndjson", text: LIST },
    // Other programs cannot read the library that is inside a compiled command.
    ...isPython ? [PYPROJECT] : Deno.build.standalone ? [] : [DENO],
    {
      path: CONFIG_FILE,
      text: await configText({}, { names: COMMON }),
      use: "dl_jobs config --info shows the values in force",
    },
    {
      path: ".gitignore",
      text: `${ignored.join("\n")}\n`,
      use: `add the lines ${ignored.join(", ")}`,
    },
  ];
}

const FUNCTIONS: { readonly [L in Language]: ProjectFile } = {
  ts: {
    path: "task.ts",
    text: `/** One element of the list. */
interface Place {
  name: string;
  values: number[];
}

/** Returns the result for one element. Replace it with your own work. */
export function task({ name, values }: Place) {
  const sum = values.reduce((total, value) => total + value, 0);
  return { name, mean: sum / values.length };
}
`,
  },
  py: {
    path: "task.py",
    text: `def task(place):
    """Returns the result for one element of the list. Replace it with your own work."""
    values = place["values"]
    return {"name": place["name"], "mean": sum(values) / len(values)}
`,
  },
};

const LIST = `{"name":"North","values":[3,0,12]}
{"name":"South","values":[4,5]}
{"name":"West","values":[7,1,1]}
`;

const MOD = new URL("../../mod.ts", import.meta.url).href;

const DENO: ProjectFile = {
  path: "deno.json",
  otherPath: "deno.jsonc",
  text: `${JSON.stringify({ imports: { dl_jobs: MOD } }, null, 2)}\n`,
  use: `scripts that import dl_jobs need "dl_jobs": "${MOD}" in its imports`,
};

const PYPROJECT: ProjectFile = {
  path: "pyproject.toml",
  text: `[project]
name = "my-job"
version = "0.1.0"
requires-python = ">=3.8"
dependencies = []
`,
  use: "its packages are found when they are installed in .venv",
};

/** The options that most projects set. */
const COMMON = ["workers", "timeout", "memory", "max_attempts", "ordered"];

/** The files and folders that jobs write. */
const OUTPUT = [".dl_jobs/", "results/", "errors/", "logs/"];
