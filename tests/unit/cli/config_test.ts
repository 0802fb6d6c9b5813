import { parseCommand } from "../../../lib/cli/args.ts";
import { configCommand, infoText, writeConfig } from "../../../lib/cli/config.ts";
import { configText } from "../../../lib/config/config_text.ts";
import { loadConfig } from "../../../lib/config/load.ts";
import { OPTIONS } from "../../../lib/config/options.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

async function makeDir(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("writeConfig() writes the file and returns its path", async () => {
  await using dir = await makeDir();
  const path = await writeConfig(dir.path, { workers: "4" }, false);
  assertEquals(path, `${dir.path}/dl_jobs.config.yaml`);
  assertEquals(await Deno.readTextFile(path), await configText({ workers: 4 }));
});

Deno.test("writeConfig() overwrites a file only on request", async () => {
  await using dir = await makeDir();
  const path = await writeConfig(dir.path, {}, false);
  const again = () => writeConfig(dir.path, { workers: 4 }, false);
  assertEquals(
    (await assertRejects(again, UsageError)).message,
    `Cannot write ${path}: it exists, use --force to overwrite it`,
  );
  assertEquals(await Deno.readTextFile(path), await configText());
  await writeConfig(dir.path, { workers: 4 }, true);
  assertEquals(await Deno.readTextFile(path), await configText({ workers: 4 }));
});

Deno.test("writeConfig() writes nothing when a value is invalid", async () => {
  await using dir = await makeDir();
  await assertRejects(() => writeConfig(dir.path, { wrokers: 4 }, true), UsageError);
  assertEquals(Array.from(Deno.readDirSync(dir.path)), []);
});

Deno.test("infoText() aligns each key, its value and its origin", async () => {
  await using dir = await makeDir();
  const path = `${dir.path}/dl_jobs.config.yaml`;
  await Deno.writeTextFile(path, "timeout: 300\nenv: { A: 1 }\n");
  const loaded = await loadConfig({
    cwd: dir.path,
    env: { DL_JOBS_WORKERS: "4" },
    flags: { is_dev: "no", cpu_image: "an/address/that/is/long:1" },
  });
  const lines = infoText(loaded).split("\n");
  assertEquals(lines.length, OPTIONS.length);
  const columns = lines.map((line) => line.lastIndexOf("  ") + 2);
  assertEquals(new Set(columns).size, 1, "the last column stands under itself");
  const shown = /^(engine|is_dev|workers|timeout|env|cpu_image|suppress) /;
  assertEquals(lines.filter((line) => shown.test(line)).map((line) => line.split(/ {2,}/)), [
    ["engine", "local", "default"],
    ["is_dev", "false", "--dev"],
    ["workers", "4", "DL_JOBS_WORKERS"],
    ["timeout", "5m", `${path}:1`],
    ["env", "A=1", `${path}:2`],
    ["cpu_image", "an/address/that/is/long:1", "--cpu_image"],
    ["suppress", "DeprecationWarning,FutureWarning", "default"],
  ]);
});

Deno.test("infoText() cuts nothing, and a long value moves its own source only", async () => {
  const image = "an/address/that/is/longer/than/half/of/the/line:1";
  const loaded = await loadConfig({ env: {}, flags: { timeout: 300, cpu_image: image } });
  const lines = infoText(loaded, 80).split("\n");
  const lineOf = (name: string) => lines.find((line) => line.startsWith(`${name} `))!;
  assertEquals(lineOf("cpu_image"), `cpu_image          ${image}  --cpu_image`);
  assertEquals(lineOf("timeout").indexOf("--timeout"), lineOf("engine").indexOf("default"));
});

Deno.test("configCommand accepts keys, values and its two flags", async () => {
  const argv = ["is_dev=false", "-f", "true", "--workers", "4", "--info"];
  assertEquals(await parseCommand(configCommand, argv), {
    positional: [],
    keywords: { is_dev: "false" },
    flags: { info: true, force: true, help: false },
    config: { workers: "4" },
  });
});

Deno.test("configCommand refuses an argument that is not a key with a value", async () => {
  const call = await parseCommand(configCommand, ["workers"]);
  assertEquals(
    (await assertRejects(() => configCommand.run(call), UsageError)).message,
    'Cannot use "workers": it is not a key with a value, write one such as workers=4, ' +
      "or dl_jobs config --info to see all values",
  );
});
