import { assertEquals, assertRejects } from "../../support/assert.ts";
import { bare, enterFolder, readEvents, runJob } from "../../support/jobs.ts";
import { skipSuffix, whyNoProgram } from "../../support/programs.ts";
import { UsageError } from "../../../lib/util/errors.ts";

const whyNot = await whyNoProgram("python3") ?? await whyNoProgram("bwrap", { from: "bubblewrap" });

const PROBE = `import os
import socket
import time


def task(port, ctx):
    def write(path):
        with open(path, "w") as file:
            file.write("x")
        return "written"

    actions = {
        "here": lambda: write("evil"),
        "system": lambda: write("/usr/evil_dl_jobs"),
        "files": lambda: write(os.path.join(ctx.dir, "good")),
        "network": lambda: socket.create_connection(("127.0.0.1", port), 5),
        "processes": lambda: sorted(int(name) for name in os.listdir("/proc") if name.isdigit())[-1] < 10,
        "jobs": lambda: os.path.exists(os.path.join(ctx.dir, "../job.json")),
    }
    found = {}
    for name, action in actions.items():
        try:
            found[name] = action()
        except OSError as error:
            found[name] = error.strerror
    return found


def waits(x):
    time.sleep(3600)
`;

Deno.test({
  name: `the sandbox bwrap limits a function in Python${skipSuffix(whyNot)}`,
  ignore: whyNot !== undefined,
  fn: async () => {
    await using _folder = await enterFolder({ "probe.py": PROBE });
    using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = server.addr as Deno.NetAddr;
    const options = {
      moduleName: "probe.py",
      sandbox: "bwrap",
      permissions: { net: "true" },
    } as const;
    const { paths } = await runJob({ ...options, argsList: [port] });
    const result = {
      here: "Read-only file system",
      system: "Read-only file system",
      files: "written",
      network: "Connection refused",
      processes: true,
      jobs: false,
    };
    assertEquals(bare(readEvents(paths.folder)), [{
      ...{ id: 0, attempt: 1, type: "succeeded", result },
    }]);
    assertEquals(Deno.readTextFileSync(`${paths.folder}/files/good`), "x");
    const late = { ...options, methodName: "waits", argsList: [0], timeout: 0.3 };
    const { paths: { folder } } = await runJob(late);
    assertEquals(
      readEvents(folder).map((event) => "error" in event && event.error.class),
      ["timeout"],
    );
  },
});

Deno.test("the sandbox bwrap is only for Python", async () => {
  await using _folder = await enterFolder();
  const run = runJob({ fn: (x: number) => x, argsList: 1, sandbox: "bwrap" });
  const { message } = await assertRejects(() => run, UsageError);
  assertEquals(
    message,
    "Cannot use --sandbox bwrap: it is for functions in Python, use --permissions for this one",
  );
});
