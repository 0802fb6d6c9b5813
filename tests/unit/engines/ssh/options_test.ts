import { parseHosts } from "../../../../lib/engines/ssh/hosts.ts";
import { parseSshOptions } from "../../../../lib/engines/ssh/options.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

Deno.test("parseSshOptions() reads hosts and times", () => {
  const given = { hosts: "lab1,ann@lab2:2222*8", lost_after: "30s", command: "ssh -F 'my lab'" };
  assertEquals(parseSshOptions(given), {
    hosts: [
      { name: "lab1", target: "lab1", port: undefined, workers: undefined },
      { name: "ann@lab2:2222", target: "ann@lab2", port: 2222, workers: 8 },
    ],
    deno: undefined,
    folder: "~/.cache/dl_jobs",
    setup: undefined,
    lostAfter: 30_000,
    lease: 12 * 3_600_000,
    command: ["ssh", "-F", "my lab"],
  });
});

const BAD: Readonly<Record<string, readonly [given: Record<string, string>, message: string]>> = {
  "no host": [{}, "Cannot run on ssh: the engine has no host, name some as"],
  "an unknown name": [
    { host: "a" },
    "Cannot use host in the option ssh: its names are hosts, deno",
  ],
  "a host that is an option": [{ hosts: "-oProxyCommand=x" }, 'Cannot use the host "-oProxy'],
  "a port beyond the last": [{ hosts: "a:70000" }, 'Cannot use the host "a:70000"'],
  "no workers": [{ hosts: "a*0" }, 'Cannot use the host "a*0"'],
  "a host twice": [{ hosts: "a,b,a" }, "Cannot use the host a twice: write its number of workers"],
  "a folder that a shell would change": [
    { hosts: "a", folder: "/x'; rm" },
    `Cannot use "/x'; rm" as folder in the option ssh: write an absolute path`,
  ],
  "a relative folder": [{ hosts: "a", folder: "x" }, 'Cannot use "x" as folder'],
  "a file that is missing": [{ hosts: "./none.txt" }, "Cannot read the hosts in ./none.txt:"],
};

for (const [name, [given, message]] of Object.entries(BAD)) {
  Deno.test(`parseSshOptions() refuses ${name}`, () => {
    assertThrows(() => parseSshOptions(given), UsageError, message);
  });
}

Deno.test("parseHosts() reads a file, with comments", async () => {
  await using folder = await makeFolder();
  await folder.write("lab.txt", "# the lab\nlab1*4\n\n  ann@lab2  # slow\n");
  const path = `${folder.path}/lab.txt`;
  assertEquals(
    parseHosts([path, "[fe80::1%eth0]:22"]).map(({ name, target, workers }) => [
      ...[name, target, workers],
    ]),
    [["lab1", "lab1", 4], ["ann@lab2", "ann@lab2", undefined], [
      "[fe80::1%eth0]:22",
      "fe80::1%eth0",
      undefined,
    ]],
  );
  await folder.write("lab.txt", "lab1\nlab 2\n");
  assertThrows(() => parseHosts([path]), UsageError, `Cannot use the host "lab 2" (${path}:2)`);
});

Deno.test("parseHosts() tells how to write an address of IPv6", () => {
  const cases: Readonly<Record<string, string>> = {
    "::1": "[::1]",
    "ann@fe80::1%eth0*2": "ann@[fe80::1%eth0]*2",
    "2001:db8::56c": "[2001:db8::56c]",
  };
  for (const [text, written] of Object.entries(cases)) {
    const { message } = assertThrows(() => parseHosts([text]), UsageError);
    const advice = `write an address of IPv6 in brackets, as ${written}`;
    assertEquals(message, `Cannot use the host "${text}": ${advice}`);
    assertEquals(parseHosts([written]).length, 1);
  }
});
