import { IMAGES } from "../../../lib/compat/image_keys.ts";
import { configText } from "../../../lib/config/config_text.ts";
import { defaultConfig, loadConfig } from "../../../lib/config/load.ts";
import { OPTIONS } from "../../../lib/config/options.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

/** Returns the values of a config file with this text. */
async function loadText(text: string) {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/dl_jobs.config.yaml`, text);
    return await loadConfig({ cwd: dir, env: {} });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("configText() writes every key, sorted, below its sentence", async () => {
  const lines = (await configText()).trimEnd().split("\n");
  assertEquals(lines.slice(0, 5), [
    "# The options of dl_jobs, for this directory and its subdirectories.",
    "",
    "# Wait before the second attempt; it doubles for each later attempt.",
    "backoff: 1s",
    "",
  ]);
  const keys = lines.flatMap((line) => /^["']?(\w+)["']?:/.exec(line)?.[1] ?? []);
  assertEquals(keys, OPTIONS.map(({ name }) => name as string).sort());
});

Deno.test("configText() returns text that parses to the same values", async () => {
  const text = await configText({
    is_dev: "false",
    gpus: "2",
    timeout: "300",
    memory: "4GB",
    suppress: "a,b",
    cpu_image: "py37",
    env: "A=true",
    permissions: { net: ["a.com", "b.com"] },
    save_results: "no",
    log: "july",
  });
  assertEquals((await loadText(text)).values, {
    ...defaultConfig(),
    isDev: false,
    gpus: 2,
    timeout: 300_000,
    memory: 4_000_000_000,
    suppress: ["a", "b"],
    cpuImage: IMAGES.py37,
    env: { A: "true" },
    permissions: { net: "a.com,b.com" },
    saveResults: false,
    log: "july",
  });
  const lines = text.split("\n").filter((line) => /^(is_dev|timeout|memory|cpu_image):/.test(line));
  assertEquals(lines, [
    `cpu_image: '${IMAGES.py37}'`,
    "is_dev: false",
    "memory: 4GB",
    "timeout: 5m",
  ]);
});

Deno.test("configText() refuses an invalid key or value", async (t) => {
  const cases: [Record<string, unknown>, string][] = [
    [{ dl_image: "py36" }, `Cannot use key "dl_image" (command line): did you mean cpu_image?`],
    [
      { workers: "a" },
      `Cannot use "a" as workers (command line): write a percentage of the CPUs such as 50%, or a whole number of at least 1, or null`,
    ],
  ];
  for (const [values, expected] of cases) {
    await t.step(expected, async () => {
      assertEquals((await assertRejects(() => configText(values), UsageError)).message, expected);
    });
  }
});

Deno.test("configText() writes only the named options", async () => {
  const text = await configText({ workers: 4 }, { names: ["workers", "ordered"] });
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assertEquals(lines, ["ordered: false", "workers: 4"]);
});
