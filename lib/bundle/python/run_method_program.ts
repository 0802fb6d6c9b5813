/**
 * The program of a process that calls a run method in Python.
 *
 * @module
 */

import { packageSources } from "../../compat/python_package.ts";
import { sourcesText } from "./build_python.ts";
import { finderText } from "./worker_texts.ts";

/** Returns the text of the program. Its only argument is the path of a socket. */
export async function runMethodProgram(): Promise<string> {
  const [sources, finder] = await Promise.all([packageSources(), finderText()]);
  return [finder, `install(${sourcesText(sources)}, [], [])`, START].join("\n");
}

// A child of multiprocessing runs the program again under another name.
const START = `
if __name__ == "__main__":
    del sys.path[0]
    from dl_jobs._run_method import serve

    serve(sys.argv[1])
`;
