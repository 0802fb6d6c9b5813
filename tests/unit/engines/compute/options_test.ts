import { IMAGES } from "../../../../lib/compat/image_keys.ts";
import {
  COMPUTE_OPTIONS,
  type ComputeContext,
  type ComputeSettings,
  parseComputeOptions,
  parseCpus,
  parseMemory,
} from "../../../../lib/engines/compute/options.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

/** The options of a job that sets none. */
function read(
  settings: Record<string, string> = {},
  more: Partial<ComputeContext> = {},
): ComputeSettings {
  return parseComputeOptions({ settings, cpus: 1, gpus: 0, image: IMAGES.py36, ...more });
}

function refusal(settings: Record<string, string>, more: Partial<ComputeContext> = {}): string {
  return assertThrows(() => read(settings, more), UsageError).message;
}

Deno.test("parseComputeOptions() fills in the defaults of a job without options", () => {
  assertEquals(read(), {
    image: "python3.12:latest",
    cpus: 1,
    memory: 2048,
    workers: 1,
    maximumConcurrency: 100,
    timeout: 3600,
    retryCount: 0,
    tags: [],
    deno: Deno.version.deno,
    pollMs: 1000,
    resultWaitMs: 60_000,
    deleteFunction: false,
    warnings: [],
  });
});

Deno.test("parseComputeOptions() reads the options of a job", () => {
  const settings = {
    image: "python3.11:latest",
    cpus: "4",
    memory: "8GB",
    workers: "2",
    maximum_concurrency: "1000",
    timeout: "60",
    retry_count: "0",
    tags: "night, europe  trial",
    deno: "2.9.0",
    poll: "0.5",
    result_wait: "5m",
    delete_function: "yes",
  };
  assertEquals(read(settings), {
    image: "python3.11:latest",
    cpus: 4,
    memory: 8192,
    workers: 2,
    maximumConcurrency: 1000,
    timeout: 60,
    retryCount: 0,
    tags: ["night", "europe", "trial"],
    deno: "2.9.0",
    pollMs: 500,
    resultWaitMs: 300_000,
    deleteFunction: true,
    warnings: [],
  });
});

/** In GB: the platform's own table. */
const PAIRS: readonly [cpus: number, allowed: readonly number[], least?: number][] = [
  [0.25, [0.5, 1, 2]],
  [0.5, [1, 2, 3, 4]],
  [1, [1, 2, 3, 4, 5, 6, 7, 8], 2],
  [2, [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]],
  [4, Array.from({ length: 23 }, (_, i) => 8 + i)],
  [8, [16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60]],
  [16, [32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120]],
];

Deno.test("parseComputeOptions() accepts only the memory that the CPUs may have", async (t) => {
  for (const [cpus, allowed, least = allowed[0]!] of PAIRS) {
    await t.step(`${cpus} CPUs`, () => {
      const text = String(cpus);
      for (let half = 1; half <= 242; half++) {
        const gb = half / 2;
        const ask = () => read({ cpus: text, memory: `${gb}GB` });
        if (allowed.includes(gb)) assertEquals(ask().memory, gb * 1024);
        else assertThrows(ask, UsageError, `Cannot use ${gb * 1024} MB with cpus=${cpus}`);
      }
      assertEquals(read({ cpus: text }).memory, least * 1024, "the least, where none is said");
    });
  }
});

Deno.test("parseComputeOptions() lists the valid values when it refuses one", async (t) => {
  const cases: [name: string, settings: Record<string, string>, message: string][] = [
    [
      "a memory that the CPUs may not have",
      { cpus: "8", memory: "18GB" },
      "Cannot use 18432 MB with cpus=8 in the option compute: write a memory of " +
      "16GB, 20GB, 24GB, 28GB, 32GB, 36GB, 40GB, 44GB, 48GB, 52GB, 56GB, 60GB",
    ],
    [
      "the one that may be refused is not proposed",
      { cpus: "1", memory: "9GB" },
      "Cannot use 9216 MB with cpus=1 in the option compute: write a memory of " +
      "2GB, 3GB, 4GB, 5GB, 6GB, 7GB, 8GB",
    ],
    [
      "a small memory",
      { cpus: "0.25", memory: "4GB" },
      "Cannot use 4096 MB with cpus=0.25 in the option compute: write a memory of 512MB, 1GB, 2GB",
    ],
    [
      "a number of CPUs",
      { cpus: "3", memory: "4GB" },
      'Cannot use "3" as cpus in the option compute: write one of 0.25, 0.5, 1, 2, 4, 8, 16',
    ],
    [
      "a unit",
      { memory: "100TB" },
      'Cannot use "100TB" as memory in the option compute: write MB or GB, such as 4GB',
    ],
    [
      "a timeout",
      { timeout: "59" },
      'Cannot use "59" as timeout in the option compute: write a whole number of at least 60',
    ],
    [
      "no worker",
      { workers: "0" },
      'Cannot use "0" as workers in the option compute: write a whole number of at least 1',
    ],
    [
      "retries",
      { retry_count: "-1" },
      'Cannot use "-1" as retry_count in the option compute: write a whole number of at least 0',
    ],
    [
      "too many at a time",
      { maximum_concurrency: "1001" },
      'Cannot use "1001" as maximum_concurrency in the option compute: write a whole number from 1 to 1000',
    ],
    [
      "no time between two looks",
      { poll: "0" },
      'Cannot use "0" as poll in the option compute: ' +
      "write seconds, or a duration such as 90s, 5m, 2h",
    ],
  ];
  for (const [name, settings, message] of cases) {
    await t.step(name, () => assertEquals(refusal(settings), message));
  }
});

Deno.test("parseComputeOptions() names the replacement of an old key, and the known keys", async (t) => {
  const all = "write one of image, cpus, memory, workers, maximum_concurrency, timeout, " +
    "retry_count, tags, deno, poll, " +
    "result_wait, delete_function";
  const cases: [key: string, hint: string][] = [
    ["task_timeout", "use timeout, in seconds"],
    ["labels", "use tags"],
    ["gpus", "the platform has no GPUs, use --engine slurm or local"],
    ["minimum_concurrency", "the platform does not keep idle machines, leave it out"],
    ["minimum_seconds", "the platform does not keep idle machines, leave it out"],
    ["include_modules", "use the option modules of the job"],
    ["include_data", "use the option data of the job"],
    ["requirements", "use the option requirements of the job"],
    ["environment", "use the option env"],
    ["cpu", all],
    ["Cpus", all],
  ];
  for (const [key, hint] of cases) {
    await t.step(key, () => {
      assertEquals(refusal({ [key]: "1" }), `Cannot use ${key} in the option compute: ${hint}`);
    });
  }
});

Deno.test("parseComputeOptions() refuses GPUs, and names the engines that have them", () => {
  assertEquals(
    refusal({}, { gpus: 2 }),
    "Cannot give a task GPUs with --engine compute: the platform has none, use " +
      "--engine slurm or local, or set gpus to 0",
  );
});

Deno.test("parseComputeOptions() warns only of 1 CPU with 1 GB", () => {
  assertEquals(read({ cpus: "1", memory: "1GB" }).warnings, [
    "1 CPU with 1 GB may be refused by the platform: use memory=2GB",
  ]);
  assertEquals(read({ cpus: "0.5", memory: "1GB" }).warnings, []);
});

Deno.test("parseMemory() reads MB and GB as the platform's own clients do", async (t) => {
  const good: [text: string, mb: number][] = [
    ["2048", 2048],
    ["2048MB", 2048],
    ["2048 mi", 2048],
    ["2GB", 2048],
    ["2 gb", 2048],
    ["1.5Gi", 1536],
    ["0.5GB", 512],
    ["1.0009GB", 1024],
  ];
  for (const [text, mb] of good) await t.step(text, () => assertEquals(parseMemory(text), mb));
  for (const text of ["100TB", "1024B", "64K", "2G", "GB", "", "-2GB", "1e3", ".", "1.2.3GB"]) {
    await t.step(`not "${text}"`, () => {
      assertEquals(
        assertThrows(() => parseMemory(text), UsageError).message,
        `Cannot use "${text}" as memory in the option compute: write MB or GB, such as 4GB`,
      );
    });
  }
});

Deno.test("parseCpus() reads CPUs as the platform's own clients do", () => {
  const cases: [text: string, cpus: number][] = [
    ["8VCPUs", 8],
    ["0.25", 0.25],
    [" 2 vCPU", 2],
    ["16", 16],
  ];
  for (const [text, cpus] of cases) assertEquals(parseCpus(text), cpus, text);
  assertEquals(
    refusal({ cpus: "many" }),
    'Cannot use "many" as cpus in the option compute: write one of 0.25, 0.5, 1, 2, 4, 8, 16',
  );
});

Deno.test("parseComputeOptions() accepts an image, and replaces a retired one by the nearest", async (t) => {
  const gone = (image: string, nearest: string) => [
    `the image ${image} existed only on the old service: ${nearest} is used`,
  ];
  const cases: [image: string, expected: string, warnings: string[]][] = [
    ["", "python3.12:latest", []],
    ["python3.14:latest", "python3.14:latest", []],
    // The default of cpu_image is not a choice of the user.
    [IMAGES.py36, "python3.12:latest", []],
    [IMAGES.py37, "python3.10:latest", gone(IMAGES.py37, "python3.10:latest")],
    [IMAGES.py27, "python3.12:latest", gone(IMAGES.py27, "python3.12:latest")],
  ];
  for (const [image, expected, warnings] of cases) {
    await t.step(image || "none", () => {
      const found = read({}, { image });
      assertEquals([found.image, found.warnings], [expected, warnings]);
    });
  }
  assertEquals(read({ image: "mine" }, { image: IMAGES.py37 }).warnings, []);
});

Deno.test("parseComputeOptions() fits workers, CPUs and memory to what a task needs", async (t) => {
  const MB = 2 ** 20;
  type Size = [cpus: number, memory: number, workers: number];
  const cases: [
    name: string,
    settings: Record<string, string>,
    more: Partial<ComputeContext>,
    Size,
  ][] = [
    ["a worker for each CPU", { cpus: "8" }, {}, [8, 16 * 1024, 8]],
    ["two CPUs a task", { cpus: "8" }, { cpus: 2 }, [8, 16 * 1024, 4]],
    ["half a CPU a task", { cpus: "1" }, { cpus: 0.5 }, [1, 2048, 2]],
    ["no CPU is said", {}, { cpus: 3 }, [4, 8 * 1024, 1]],
    ["less than one CPU", { cpus: "0.25" }, {}, [0.25, 512, 1]],
    ["as many workers as are said", { cpus: "2", workers: "7" }, {}, [2, 4096, 7]],
    ["memory for each worker", { cpus: "2" }, { memory: 3000 * MB }, [2, 7 * 1024, 2]],
    ["the memory that is said", { cpus: "2", memory: "16GB" }, { memory: MB }, [2, 16384, 2]],
  ];
  for (const [name, settings, more, expected] of cases) {
    await t.step(name, () => {
      const { cpus, memory, workers } = read(settings, more);
      assertEquals<Size>([cpus, memory, workers], expected);
    });
  }
  assertEquals(
    refusal({}, { cpus: 17 }),
    "Cannot give a task 17 CPUs with --engine compute: a platform job has at most 16, set cpus to less",
  );
  assertEquals(
    refusal({ cpus: "1" }, { memory: 8192 * MB }),
    "Cannot give 8448 MB to a platform job with cpus=1: it has at most 8192 MB, " +
      "ask for more CPUs with --compute cpus=N or for less memory",
  );
});

Deno.test("parseComputeOptions() derives the number of platform jobs from the workers", () => {
  const most = (settings: Record<string, string>, workers?: number) =>
    read(settings, workers ? { workers } : {}).maximumConcurrency;
  assertEquals(most({ cpus: "4" }, 10), 3);
  assertEquals(most({ cpus: "4" }, 4), 1);
  assertEquals(most({}, 5000), 1000);
  assertEquals(most({ maximum_concurrency: "7" }, 5000), 7);
});

Deno.test("COMPUTE_OPTIONS has each name once, in snake_case, and sentences", () => {
  const names = COMPUTE_OPTIONS.map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
  assertEquals(names.filter((name) => !/^[a-z]+(_[a-z]+)*$/.test(name)), []);
  assertEquals(COMPUTE_OPTIONS.filter(({ doc }) => !/^[A-Z][^\n]*\.$/.test(doc)), []);
});
