import {
  clustersOf,
  isSet,
  parseSlurmOptions,
  partitionOf,
  SLURM_OPTIONS,
  workingFolderOf,
} from "../../../../lib/engines/slurm/options.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

Deno.test("parseSlurmOptions() fills in the defaults", () => {
  assertEquals(parseSlurmOptions({}), {
    workers: 1,
    parallelism: undefined,
    container: "none",
    mounts: undefined,
    deno: Deno.execPath(),
    setup: undefined,
    extra: [],
    skip: [],
    options: {},
  });
});

Deno.test("parseSlurmOptions() reads its own options, and keeps those of sbatch", () => {
  const given = {
    workers: "4",
    parallelism: "7",
    container: "pyxis",
    mounts: "/data:/data",
    deno: "/opt/deno",
    setup: ". /etc/profile; module load gdal",
    extra: "--gres=gpu:a100:1,tmp:10,--nice",
    skip: "export,--ntasks",
    partition: "long",
    mail_user: "me@example.org",
  };
  assertEquals(parseSlurmOptions(given), {
    workers: 4,
    parallelism: 7,
    container: "pyxis",
    mounts: "/data:/data",
    deno: "/opt/deno",
    setup: ". /etc/profile; module load gdal",
    extra: ["--gres=gpu:a100:1,tmp:10", "--nice"],
    skip: ["export", "ntasks"],
    options: { partition: "long", "mail-user": "me@example.org" },
  });
});

Deno.test("parseSlurmOptions() takes the short names of sbatch for the long ones", () => {
  const { options } = parseSlurmOptions({ p: "long", t: "30", N: "1", M: "a" });
  assertEquals(options, { partition: "long", time: "30", nodes: "1", clusters: "a" });
});

Deno.test("isSet() finds an option in each form in which users write it", () => {
  const isTimed = (given: Record<string, string>) => isSet(parseSlurmOptions(given), "time");
  const timed = [{ time: "1" }, { t: "1" }, { extra: "--nice,-t1" }, { extra: "--time=1" }];
  assertEquals(timed.map(isTimed), [true, true, true, true]);
  const others = [{}, { time_min: "1" }, { extra: "--time-min=1" }, { extra: "--nice=t1" }];
  assertEquals(others.map(isTimed), [false, false, false, false]);
});

Deno.test("clustersOf() finds the clusters in each form in which users name them", () => {
  const given = [
    {},
    { clusters: "a" },
    { M: "a,b" },
    { extra: "-Ma,b" },
    { clusters: "a", extra: "--nice,--clusters=b" },
  ];
  const found = () => given.map((one) => clustersOf(parseSlurmOptions(one)));
  assertEquals(found(), [undefined, "a", "a,b", "a,b", "b"]);
  for (const name of ["SLURM_CLUSTERS", "SBATCH_CLUSTERS"]) {
    Deno.env.set(name, "c");
    try {
      assertEquals(found(), ["c", "a", "a,b", "a,b", "b"]);
    } finally {
      Deno.env.delete(name);
    }
  }
});

Deno.test("partitionOf() finds the partition in each form in which users name it", () => {
  const given = [{ p: "a" }, { partition: "a" }, { extra: "-pa" }, { extra: "--partition=a" }, {
    partition: "b",
    extra: "--nice,-p a",
  }];
  assertEquals(given.map((one) => partitionOf(parseSlurmOptions(one))), given.map(() => "a"));
});

Deno.test("a path of a config file may start with the home", () => {
  const home = Deno.env.get("HOME");
  const { deno, options } = parseSlurmOptions({ deno: "~/bin/deno", chdir: "~/x", comment: "~x" });
  assertEquals([deno, options], [`${home}/bin/deno`, { chdir: `${home}/x`, comment: "~x" }]);
});

Deno.test("workingFolderOf() finds the folder in each form in which users name it", () => {
  const given = [
    {},
    { chdir: "/a b" },
    { D: "sub" },
    { extra: "-D/a" },
    { chdir: "/a", extra: "--nice,--chdir=b" },
  ];
  assertEquals(
    given.map((one) => workingFolderOf(parseSlurmOptions(one))),
    [undefined, "/a b", `${Deno.cwd()}/sub`, "/a", `${Deno.cwd()}/b`],
  );
});

Deno.test("parseSlurmOptions() refuses invalid values, and options that the engine sets", async (t) => {
  const cases: [given: Record<string, string>, message: string][] = [
    [
      { array: "0-3" },
      "Cannot use array in the option slurm: dl_jobs sets this option, leave it out",
    ],
    [
      { a: "0-3" },
      "Cannot use array in the option slurm: dl_jobs sets this option, leave it out",
    ],
    [
      { W: "true" },
      "Cannot use wait in the option slurm: dl_jobs sets this option, leave it out",
    ],
    [
      { extra: "--nice,-Jmine" },
      "Cannot use job-name in the option slurm: dl_jobs sets this option, leave it out",
    ],
    [
      { extra: "--arr=0-3" },
      "Cannot use array in the option slurm: dl_jobs sets this option, leave it out",
    ],
    [
      { cpus_per_task: "3" },
      "Cannot use cpus-per-task in the option slurm: use the option cpus of the job",
    ],
    [
      { partition: "long,exclusive" },
      'Cannot use "long,exclusive" as partition in the option slurm: write exclusive=true for the ' +
      "switch exclusive, or pass a value that ends like this with extra=--partition=long,exclusive",
    ],
    [
      { workers: "0" },
      'Cannot use "0" as workers in the option slurm: write a whole number of at least 1',
    ],
    [
      { container: "docker" },
      'Cannot use "docker" as container in the option slurm: write one of none, apptainer, pyxis',
    ],
    [
      { "a b": "1" },
      'Cannot use "a b" in the option slurm: this is not an option name, ' +
      "write long options of sbatch, such as partition=long",
    ],
  ];
  for (const [given, message] of cases) {
    await t.step(message, () => {
      const { message: actual } = assertThrows(() => parseSlurmOptions(given), UsageError);
      assertEquals(actual, message);
    });
  }
});

Deno.test("SLURM_OPTIONS has each name once, and sentences", () => {
  const names = SLURM_OPTIONS.map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
  assertEquals(SLURM_OPTIONS.filter(({ doc }) => !/^[A-Z][^\n]*\.$/.test(doc)), []);
});
