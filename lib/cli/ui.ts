/**
 * The `ui` command: a page that shows the jobs of this folder.
 *
 * @module
 */

import { readRecord } from "../job_dir/record.ts";
import type { Call, Command } from "./args.ts";
import { JOB_NAMES, jobOf } from "./output.ts";

/** `dl_jobs ui`. */
export const uiCommand: Command = {
  name: "ui",
  usage: "ui [JOB] [options]",
  doc:
    "Serve a page that shows all jobs of this folder and one of them live, to this machine and " +
    `whoever has its address, until Ctrl-C. ${JOB_NAMES}`,
  options: [
    { name: "port", type: "integer", default: 0, min: 0, doc: "The port; 0 is any that is free." },
    { name: "open", type: "boolean", default: false, doc: "Open it in the browser." },
  ],
  config: false,
  run: runUi,
};

async function runUi(call: Call): Promise<number> {
  const job = call.positional.length > 0 ? `#${readRecord(jobOf(call)).id}` : "";
  const interrupted = untilInterrupted();
  const { UiServer } = await import("../web/server.ts");
  // Not disposed of: that would wait for what is under way, and this process ends now.
  const server = await UiServer.start({ port: Number(call.flags.port) });
  const address = server.address + job;
  console.error(`Jobs of ${Deno.cwd()} are shown at ${address}\nCtrl-C ends it`);
  if (call.flags.open) openBrowser(address);
  await interrupted;
  return 0;
}

function untilInterrupted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => resolve());
  }
  return promise;
}

/** How each system opens an address. */
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
    console.error("Cannot open a browser from here: open the address yourself");
  }
}
