import { assertEquals } from "../../support/assert.ts";
import { cli, enterFolder } from "../../support/jobs.ts";

const FILES = {
  "work.ts": "export const same = (x: unknown) => x;\n",
  "in.ndjson": "1\n2\n",
};

Deno.test({
  name: "a stdout without room is named, with the way out",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using folder = await enterFolder(FILES);
    const first = async (command: string) => {
      const shell = new Deno.Command("sh", {
        args: ["-c", `exec "$0" run -A "$1" ${command} > /dev/full`, Deno.execPath(), CLI],
        cwd: folder.path,
      });
      const { code, stderr } = await shell.output();
      return [code, new TextDecoder().decode(stderr).trim().split("\n").at(-1)];
    };
    const full = "Error: Cannot write stdout: No space left on device (os error 28)";
    const next = ", fix this and continue with dl_jobs resume";
    assertEquals(await first("map work.same in.ndjson"), [1, full + next]);
    assertEquals(await first("status"), [1, full]);
    assertEquals(await first("status --json"), [1, full]);
    for (const command of ["--help", "--version", "map --help"]) {
      assertEquals(await first(command), [1, "Error: No space left on device (os error 28)"]);
    }
  },
});

const CLI = new URL("../../../cli.ts", import.meta.url).pathname;

Deno.test("a folder for temporary files that cannot be used is named, and no job is left", async () => {
  await using folder = await enterFolder(FILES);
  const map = ["map", "work.same", "in.ndjson", "-q"], place = `${folder.path}/in.ndjson`;
  const cases = [
    [
      map,
      `start a worker: a socket for it cannot be created in ${place}: Not a directory ` +
      "(os error 20); set TMPDIR to a folder on a local disk",
    ],
    [
      [...map, "--engine", "slurm", "--dry-run"],
      `create a temporary file in ${place}: Not a directory (os error 20), ` +
      "set TMPDIR to a folder with room",
    ],
  ] as const;
  for (const [command, error] of cases) {
    const { code, stderr } = await cli(command, { env: { TMPDIR: place } });
    assertEquals([code, stderr.trim().split("\n").at(-1)], [2, `Error: Cannot ${error}`]);
  }
  const jobs = await cli(["jobs", "--json"]);
  assertEquals(JSON.parse(jobs.stdout).jobs, []);
});

Deno.test("a folder for temporary files may be empty or relative", async () => {
  await using _folder = await enterFolder(FILES);
  for (const place of ["", "."]) {
    const { code, stderr } = await cli(["map", "work.same", "in.ndjson"], {
      env: { TMPDIR: place },
    });
    assertEquals(code, 0, stderr);
  }
});
