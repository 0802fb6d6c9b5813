/**
 * Programs of a test on the PATH.
 *
 * @module
 */

import { useEnv } from "../../lib/util/env.ts";
import { makeFolder } from "../../tools/support/files.ts";

/**
 * Runs a function while programs are the first on the PATH.
 *
 * @param scripts the texts of the programs, by their names
 * @param use receives the folder of the programs, which a script knows as `${0%/*}`
 */
export async function withPrograms<T>(
  scripts: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  await using folder = await makeFolder();
  for (const [name, script] of Object.entries(scripts)) {
    await Deno.writeTextFile(`${folder.path}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  using _env = useEnv({ PATH: `${folder.path}:${Deno.env.get("PATH")}` });
  return await use(folder.path);
}
