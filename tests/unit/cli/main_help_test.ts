import { mainHelp } from "../../../lib/cli/main_help.ts";
import { SUMMARIES } from "../../../lib/cli/summaries.ts";
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";

Deno.test("mainHelp() lists the commands, each with its first sentence", () => {
  const help = mainHelp(200);
  const start = `Usage: dl_jobs COMMAND [arguments] [options]

Run one function over a long list of arguments: on this machine or on a cluster.

Commands:
  run `;
  assertEquals(help.slice(0, start.length), start);
  for (const [name, text] of Object.entries(SUMMARIES)) {
    assertStringIncludes(help, `\n  ${name.padEnd(13)}${text}\n`);
  }
  assertEquals(
    help.slice(help.indexOf("\nOptions:"), help.indexOf("Examples:")),
    `
Options:
  -h, --help  Show this help; with --all, also rare and old options.
  --version   Show the versions of dl_jobs, Deno and V8.

Exit status:
  0    The command did its work: every task succeeded.
  1    A task failed, or the command itself failed.
  2    The command line, the configuration or a file it names is wrong.
  130  The user stopped the job: dl_jobs resume runs the rest.
  141  The reader of stdout closed the pipe, as head does.

dl_jobs COMMAND --help shows the options of a command.

`,
  );
});

Deno.test("mainHelp() shows other sections before the exit statuses", () => {
  assertStringIncludes(
    mainHelp(80, ["Where it runs:", "", "More:"]),
    "\n\nWhere it runs:\n\nMore:\n\nExit status:\n",
  );
});

Deno.test("the main help loads few modules, because each of them delays it", async () => {
  const url = new URL("../../../lib/cli/", import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `${url}main_help.ts`],
  }).output();
  const { modules }: { modules: Module[] } = JSON.parse(new TextDecoder().decode(stdout));
  const loaded = new Set([`${url}main_help.ts`]);
  for (const own of loaded) {
    const { dependencies = [] } = modules.find(({ specifier }) => specifier === own)!;
    for (const { code } of dependencies) if (code) loaded.add(code.specifier);
  }
  const names = [...loaded].map((one) => one.slice(url.length)).sort();
  const own = ["help_layout.ts", "help_request.ts", "main_help.ts", "summaries.ts"];
  assertEquals(names, ["exit_status.ts", ...own]);
});

/** A module in the output of `deno info`. An import of types has no code. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly code?: { readonly specifier: string } }[];
}
