/**
 * The program on a host, in two roles: the process that a controller is connected to (`attach`),
 * and the process that runs tasks (`daemon`).
 *
 * The module is bundled into one program, which needs only Deno on the host.
 *
 * @module
 */

import { firstError } from "../../util/errors.ts";
import { exitStatusOf, type ProcessStatus } from "../../util/process/process_status.ts";
import { writeStdin } from "../../util/process/write_stdin.ts";
import { attach } from "./attach.ts";
import { type DaemonOptions, runDaemon } from "./daemon.ts";
import { type HostFiles, hostFiles } from "./host_folder.ts";
import type { AttachRequest } from "./protocol.ts";

/** Runs the role that the arguments name. */
export async function runOnHost(
  [role, root = "", self = "", spool = ""] = Deno.args,
): Promise<void> {
  if (role === "daemon") await runRole(hostFiles(root, spool));
  else await attach(root, (files, request) => startDaemon([root, self], files, request));
  // A pending timer or read must not keep the process alive.
  Deno.exit(0);
}

async function runRole(files: HostFiles): Promise<void> {
  const options: DaemonOptions = JSON.parse(await new Response(Deno.stdin.readable).text());
  Deno.chdir(files.work);
  try {
    await runDaemon(files, options);
  } catch (error) {
    // The text is what the user sees of the death.
    console.error((firstError(error) as Error).message);
    Deno.exit(1);
  }
}

/**
 * Starts the daemon in a session of its own, which outlives the connection. Its options pass
 * through a pipe, because other users can read a command line.
 */
async function startDaemon(
  [root, self]: readonly [root: string, self: string],
  { log }: HostFiles,
  { spool, settings, env, program, roots, lease }: AttachRequest,
): Promise<ProcessStatus> {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", DAEMON, log, Deno.execPath(), root, self, spool],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  const options = { settings, env, program, roots, lease } satisfies DaemonOptions;
  writeStdin(child, JSON.stringify(options));
  return await exitStatusOf(child);
}

const DAEMON =
  'exec "$1" run -A --quiet --no-lock --no-config "$2/$3" daemon "$2" "$3" "$4" >"$0" 2>&1';
