import { exists, readIfThere } from "../../lib/util/files/fs.ts";
import type { HostOptions } from "../../tools/ssh_hosts/config.ts";
import { SshHosts } from "../../tools/ssh_hosts/hosts.ts";
import { down, indexOf, readHosts } from "../../tools/ssh_hosts/record.ts";
import { makeFolder } from "../../tools/support/files.ts";
import { listNames } from "../../tools/support/system.ts";
import { until } from "../../tools/support/until.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { skipped, whyNot } from "../support/ssh_hosts.ts";

function test(claim: string, fn: () => Promise<void>): void {
  Deno.test({ name: `ssh hosts: ${claim}${skipped}`, ignore: whyNot !== undefined, fn });
}

test("each has a name and a disk of its own, and sees no other file of this machine", async () => {
  await using hosts = await SshHosts.up();
  const folder = Deno.cwd();
  for (const name of hosts.names) {
    assertEquals(await hosts.ssh(name, `hostname; ls; ls ${folder}; echo ${name} > own`), {
      code: 0,
      stdout: `${name}\n`,
      stderr: `ls: cannot access '${folder}': No such file or directory\n`,
    });
  }
  assertEquals(hosts.names.map((name) => hosts.run(name, "cat *")), ["h1", "h2", "h3"]);
  for (const name of hosts.names) await untilIdle(hosts, name);
});

/** Waits for the end of all processes, such as those of sshd for the last connection. */
async function untilIdle(hosts: SshHosts, name: string): Promise<void> {
  await until(() => hosts.processes(name).length === 0, `${name} runs nothing`);
}

test("they leave no process, no mount, no network and no folder", async () => {
  let dir = "", link = "";
  {
    await using hosts = await SshHosts.up({ count: 2 });
    dir = hosts.dir;
    link = linkOf(dir);
    hosts.run("h1", "setsid sleep 3600 > out 2>&1 &");
    assert(pidsWith(dir).length > 0);
    assert(networks().includes(link));
  }
  assertNothing(dir, link);
});

test("a killed process leaves no host, and the next one removes the folder", async () => {
  const { dir, link } = await killAfterUp();
  await until(() => pidsWith(dir).length === 0, "the hosts have ended");
  await using _hosts = await SshHosts.up({ count: 1 });
  assertNothing(dir, link);
});

test("a folder with other files is left as it is", async () => {
  await using folder = await makeFolder({ x: "mine" });
  const error = await assertRejects(() => SshHosts.up({ dir: folder.path }), Error);
  const why = "it is not empty, name a new folder";
  assertEquals(error.message, `Cannot bring up hosts in ${folder.path}: ${why}`);
  await down(folder.path);
  assertEquals(listNames(folder.path), ["x"]);
});

/** Brings hosts up in a process that is killed, and returns what they had. */
async function killAfterUp(): Promise<{ readonly dir: string; readonly link: string }> {
  const module = import.meta.resolve("../../tools/ssh_hosts/hosts.ts");
  const code = `const { SshHosts } = await import("${module}");
    console.log((await SshHosts.up({ count: 1 })).dir); setInterval(() => {}, 1000);`;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", code],
    stdout: "piped",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const dir = (await reader.read()).value!.trim();
  const link = linkOf(dir);
  process.kill("SIGKILL");
  await process.status;
  await reader.cancel();
  return { dir, link };
}

function assertNothing(dir: string, link: string): void {
  assertEquals(pidsWith(dir), []);
  assertEquals(exists(dir), false);
  assertEquals(networks().includes(link), false);
  assertEquals(Deno.readTextFileSync("/proc/mounts").includes(dir), false);
}

/** Returns the number of a set's network, which no later one has. */
function linkOf(dir: string): string {
  return readHosts(dir)!.link.index;
}

function networks(): string[] {
  return listNames("/sys/class/net").map(indexOf);
}

function pidsWith(text: string): string[] {
  return listNames("/proc").filter((name) => readIfThere(`/proc/${name}/cmdline`).includes(text));
}

/** Runs a command on a host whose connection fails, and returns the exit status of ssh. */
async function statusOf(hosts: SshHosts, name: string, command: string): Promise<number> {
  const alive = ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"];
  const args = ["-F", hosts.config, "-o", "BatchMode=yes", ...alive, name, command];
  return (await new Deno.Command("ssh", { args, stdin: "null" }).output()).code;
}

const CUTS: Readonly<Record<string, (hosts: SshHosts, name: string) => void>> = {
  "a link that is down": (hosts, name) => hosts.cut(name),
  "packets that are dropped on the way to a host": (hosts, name) => hosts.drop(name, "in"),
  "packets that are dropped on the way from a host": (hosts, name) => hosts.drop(name, "out"),
  "a frozen host": (hosts, name) => hosts.freeze(name),
};

test("ssh ends without its host, whose process runs on", async () => {
  const cuts = Object.values(CUTS);
  await using hosts = await SshHosts.up({ count: cuts.length });
  await Promise.all(hosts.names.map(async (name, i) => {
    const end = statusOf(hosts, name, "touch begun; exec sleep 3600");
    await until(() => hosts.run(name, "ls") === "begun", "the command has begun");
    cuts[i]!(hosts, name);
    assertEquals(await end, 255);
    hosts.mend(name);
    hosts.thaw(name);
    assertEquals(hosts.kill(name, "sleep 3600"), 1);
    assertEquals(await hosts.ssh(name, "true"), { code: 0, stdout: "", stderr: "" });
  }));
});

test("a reboot ends processes, and keeps the disk", async () => {
  await using hosts = await SshHosts.up({ count: 1 });
  const end = statusOf(hosts, "h1", "cp /proc/sys/kernel/random/boot_id . && exec sleep 3600");
  await until(() => hosts.run("h1", "ls") === "boot_id", "the command has begun");
  hosts.run("h1", "touch /tmp/x");
  await hosts.reboot("h1");
  assertEquals(await end, 255);
  await untilIdle(hosts, "h1");
  const { code, stdout } = await hosts.ssh(
    "h1",
    "ls; ls /tmp; cmp -s boot_id /proc/sys/kernel/random/boot_id; echo $?",
  );
  assertEquals({ code, stdout }, { code: 0, stdout: "boot_id\n1\n" });
});

/** Answers of hosts with some options to a command, with the exit status of `ssh` first. */
const ANSWERS: Readonly<Record<string, readonly [HostOptions, string, RegExp]>> = {
  "no deno": [{ hasDeno: false }, "deno --version", /^127 .*deno: command not found/s],
  "another CPU": [{ programs: { uname: "#!/bin/sh\necho aarch64" } }, "uname -m", /^0 aarch64\n$/],
  "a shared folder": [{ shared: Deno.cwd() }, `cd ${Deno.cwd()} && ls mod.ts`, /^0 mod.ts\n$/],
  "a start file that prints": [{ prints: "it's on" }, "echo x", /^0 it's on\nx\n$/],
  "fish": [{ shell: "/usr/bin/fish", prints: "on" }, "echo $version", /^0 on\n\d.*\n$/],
  "csh": [{ shell: "/usr/bin/csh", prints: "on" }, "echo $version", /^0 on\ntcsh .*\n$/],
  "a home without programs": [
    { home: "noexec" },
    "cp /usr/bin/true .; ./true",
    /^126 .*Permission denied/s,
  ],
  "a full home": [{ home: "size=64k" }, "cat /dev/zero > x", /^1 .*No space left on device/s],
  "one CPU": [{ cpus: 1 }, "nproc", /^0 1\n$/],
  "a key that is refused": [{ isAllowed: false }, "true", /^255 .*Permission denied \(publickey/s],
  "an unknown host": [{ isKnown: false }, "true", /^255 .*Host key verification failed/s],
};

test("each has what its options say", async () => {
  const cases = Object.values(ANSWERS);
  const options = Object.fromEntries(cases.map(([options], i) => [`h${i + 1}`, options]));
  await using hosts = await SshHosts.up({ count: cases.length, hosts: options });
  for (const [i, [, command, expected]] of cases.entries()) {
    const { code, stdout, stderr } = await hosts.ssh(`h${i + 1}`, command);
    assertMatch(`${code} ${stdout}${stderr}`, expected);
  }
  await hosts.changeKey("h6");
  const { code, stderr } = await hosts.ssh("h6", "true");
  assertMatch(`${code} ${stderr}`, /^255 .*REMOTE HOST IDENTIFICATION HAS CHANGED/s);
});

test("the tool shows its usage, and what to type for the hosts that it has started", async () => {
  const tool = new URL("../../tools/ssh_hosts.ts", import.meta.url).pathname;
  const run = async (...args: string[]) => {
    const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", tool, ...args] });
    const { code, stdout, stderr } = await command.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  };
  const { code, out, err } = await run("--help");
  assertEquals([code, err], [0, ""]);
  assertMatch(out, /^usage: ssh_hosts\.ts up /);
  assertEquals((await run("--halp")).err.split("\n")[1], out.split("\n")[0]);
  await using folder = await makeFolder();
  const dir = `${folder.path}/hosts`, command = `ssh -F ${dir}/ssh_config`;
  try {
    assertEquals(
      (await run("up", "--count", "2", "--dir", dir)).out,
      `log in    ${command} h1\nrun jobs  --engine ssh --ssh "hosts=h1,h2,command=${command}"\n` +
        `end       deno task ssh-hosts down --dir ${dir}\n`,
    );
  } finally {
    await run("down", "--dir", dir);
  }
});
