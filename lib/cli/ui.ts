/**
 * The `ui` command: serves a page that shows the jobs of this folder.
 *
 * @module
 */

import { storeOf } from "../job_dir/layout.ts";
import { readRecord } from "../job_dir/record.ts";
import { openStore } from "../job_dir/store.ts";
import { escapeHtml } from "../util/text/escape_html.ts";
import { exists, PRIVATE_FILE, writeAtomic } from "../util/files/fs.ts";
import { toFileUrl } from "../util/paths.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { JOB_NAMES, jobOf, say } from "./output.ts";
import { onStopSignal } from "./signals.ts";
import { SUMMARIES } from "./summaries.ts";

/** The command `dl_jobs ui`. */
export const uiCommand: Command = {
  name: "ui",
  usage: "ui [JOB] [options]",
  doc: `${SUMMARIES.ui} Only browsers on this machine that have its full address can open it. ` +
    JOB_NAMES,
  options: [
    {
      name: "port",
      type: "integer",
      default: 0,
      min: 0,
      max: 65_535,
      doc: "Port of the page; 0 picks that of the last time, or a free one.",
      example: "8080",
    },
    {
      name: "token_file",
      type: "text",
      label: "FILE",
      isPath: true,
      default: null,
      doc: "Private file that keeps the address; by default, one in .dl_jobs.",
      example: "page.json",
    },
    { name: "open", type: "boolean", default: false, doc: "Open the page in the browser." },
  ],
  examples: ["dl_jobs ui --open", "dl_jobs ui last --port 8000"],
  run: runUi,
};

async function runUi(call: Call): Promise<number> {
  const job = call.positional.length > 0 ? `#${readRecord(jobOf(call)).id}` : "";
  const interrupted = untilInterrupted();
  const { UiServer } = await import("../web/server.ts");
  // The server is not disposed: disposal would wait for open requests, and the process exits
  // anyway.
  const server = await UiServer.start({
    port: Number(call.flags.port),
    addressFile: addressFile(call.flags.token_file as string | null),
  });
  const address = server.address + job;
  say(`Jobs of ${Deno.cwd()} are shown at ${address}\nCtrl-C ends it`);
  using _page = call.flags.open ? openBrowser(address) : undefined;
  await interrupted;
  return EXIT.done.status;
}

/** Returns the file that keeps the address; `undefined` in a folder where nothing can be written. */
function addressFile(given: string | null): string | undefined {
  if (given !== null) return given;
  openStore(storeOf());
  return exists(storeOf()) ? `${storeOf()}/ui.json` : undefined;
}

function untilInterrupted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  onStopSignal(() => resolve());
  return promise;
}

/** The command that opens an address in a browser, by operating system. */
const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  windows: ["cmd", "/c", "start", ""],
};

/**
 * Opens an address in the browser. The address contains the token, and other users can read a
 * command line, so the browser opens a private file that redirects to the address.
 *
 * @returns an object that removes the file.
 */
function openBrowser(address: string): Disposable {
  const [program, ...args] = OPENERS[Deno.build.os] ?? ["xdg-open"];
  openStore(storeOf());
  const path = `${storeOf()}/ui-${Deno.pid}.html`;
  writeAtomic(path, `<meta http-equiv="refresh" content="0; url=${escapeHtml(address)}">\n`, {
    mode: PRIVATE_FILE,
  });
  try {
    new Deno.Command(program, { args: [...args, toFileUrl(path)], stdout: "null", stderr: "null" })
      .spawn().unref();
  } catch {
    say(
      "Cannot open a browser: no program for it was found, open the address above yourself",
    );
  }
  return { [Symbol.dispose]: () => Deno.removeSync(path) };
}
