/**
 * The `ui` command: serves a page that shows the jobs of this folder.
 *
 * @module
 */

import { readRecord } from "../job_dir/record.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { JOB_NAMES, jobOf, say } from "./output.ts";
import { STOP_SIGNALS } from "./signals.ts";

/** The command `dl_jobs ui`. */
export const uiCommand: Command = {
  name: "ui",
  usage: "ui [JOB] [options]",
  doc:
    "Serve a page that shows the jobs of this folder, and one of them live, until Ctrl-C. Only " +
    `browsers on this machine that have its full address can open it. ${JOB_NAMES}`,
  options: [
    {
      name: "port",
      type: "integer",
      default: 0,
      min: 0,
      doc: "Port of the page; 0 picks a free one.",
    },
    { name: "open", type: "boolean", default: false, doc: "Open the page in the browser." },
  ],
  examples: ["dl_jobs ui --open", "dl_jobs ui last --port 8000"],
  config: false,
  run: runUi,
};

async function runUi(call: Call): Promise<number> {
  const job = call.positional.length > 0 ? `#${readRecord(jobOf(call)).id}` : "";
  const interrupted = untilInterrupted();
  const { UiServer } = await import("../web/server.ts");
  // The server is not disposed: disposal would wait for open requests, and the process exits
  // anyway.
  const server = await UiServer.start({ port: Number(call.flags.port) });
  const address = server.address + job;
  say(`Jobs of ${Deno.cwd()} are shown at ${address}\nCtrl-C ends it`);
  if (call.flags.open) openBrowser(address);
  await interrupted;
  return EXIT.done.status;
}

function untilInterrupted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const name of STOP_SIGNALS) Deno.addSignalListener(name, () => resolve());
  return promise;
}

/** The command that opens an address in a browser, by operating system. */
const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  windows: ["cmd", "/c", "start", ""],
};

function openBrowser(address: string): void {
  const [program, ...args] = OPENERS[Deno.build.os] ?? ["xdg-open"];
  try {
    new Deno.Command(program, { args: [...args, address], stdout: "null", stderr: "null" })
      .spawn().unref();
  } catch {
    say(
      "Cannot open a browser: no program for it was found, open the address above yourself",
    );
  }
}
