/**
 * The cost of connections to many ssh hosts that have nothing to say: the time until all are
 * connected, and what the controller then uses.
 *
 * The hosts are stubs in this process. The program that connects is a relay of a few megabytes.
 *
 * @module
 */

import { encodePacket, packetsOf } from "../lib/engines/stream/packets.ts";
import { BEAT_MS } from "../lib/engines/stream/protocol.ts";
import { type Folder, makeFolder } from "../tools/support/files.ts";
import { until } from "../tools/support/until.ts";
import { writeList } from "./lines.ts";
import { CLI, commandOf, denoRun, IS_QUICK, whyNot } from "./process.ts";
import { type Report, round } from "./report.ts";

const COUNTS = IS_QUICK ? [3] : [1, 100];
const IDLE_MS = IS_QUICK ? 1000 : 30_000;
const LIMIT_MS = 120_000;

// Copies its stdin to a socket, and the socket to its stdout.
const RELAY = `use IO::Socket::UNIX; use IO::Select;
my $s = IO::Socket::UNIX->new(Peer => shift) or die;
my %to = (fileno(STDIN) => $s, fileno($s) => \\*STDOUT);
my $all = IO::Select->new(\\*STDIN, $s);
while (1) { for my $from ($all->can_read) {
  sysread($from, my $bytes, 65536) or exit;
  syswrite($to{fileno($from)}, $bytes);
} }
`;

/** Connects to one stub and to many. */
export async function* bench(): AsyncGenerator<Report> {
  const title = `Idle connections to stubs of ssh hosts, over ${IDLE_MS / 1000} s`;
  const why = Deno.build.os === "linux" ? await whyNot("perl", "-v") : "needs /proc";
  if (why) return yield { title: `${title} (skipped: ${why})`, rows: [] };
  const rows: Row[] = [];
  for (const hosts of COUNTS) rows.push(await measure(hosts));
  const [{ hosts: least, "memory MB": first }] = rows as [Row];
  yield {
    title,
    rows: rows.map((row) => ({
      ...row,
      "MB per host": round((row["memory MB"] - first) / Math.max(1, row.hosts - least)),
    })),
  };
}

/** The cost of some connections. */
interface Row {
  readonly hosts: number;
  readonly "connected s": number;
  readonly "CPU until then s": number;
  readonly "idle CPU %": number;
  readonly "memory MB": number;
}

async function measure(hosts: number): Promise<Row> {
  await using folder = await makeFolder({
    "relay.pl": RELAY,
    "task.ts": "export const task = (x: number) => x;\n",
    "lab.hosts": Array.from({ length: hosts }, (_, i) => `lab${i}*1\n`).join(""),
  });
  writeList(`${folder.path}/list.ndjson`, hosts * 4, (index) => index);
  using stubs = new Stubs(`${folder.path}/socket`);
  const began = performance.now(), controller = start(folder);
  await until(() => stubs.connected === hosts, "all are connected", LIMIT_MS);
  const connected = performance.now() - began, before = cpuMs(controller.pid);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const row = {
    hosts,
    "connected s": round(connected / 1000),
    "CPU until then s": round(before / 1000),
    "idle CPU %": round((cpuMs(controller.pid) - before) / IDLE_MS * 100),
    "memory MB": round(memoryOf(controller.pid) / 1e6),
  };
  controller.kill("SIGKILL");
  await controller.status;
  return row;
}

function start({ path }: Folder): Deno.ChildProcess {
  const ssh = ["--ssh", "hosts=./lab.hosts", "--ssh", "command=perl relay.pl socket"];
  const map = denoRun(CLI, "map", "task.ts", "list.ndjson", "-q", "--engine", "ssh", ...ssh);
  return commandOf(map, path, { stdout: "null", stderr: "inherit" }).spawn();
}

/** Hosts that receive tasks and never run them. */
class Stubs implements Disposable {
  /** The number of hosts that have answered the request of the controller. */
  connected = 0;
  #listener: Deno.UnixListener;

  constructor(path: string) {
    this.#listener = Deno.listen({ transport: "unix", path });
    this.#serve();
  }

  async #serve(): Promise<void> {
    // A connection ends with the controller.
    for await (const connection of this.#listener) this.#answer(connection).catch(() => {});
  }

  async #answer(connection: Deno.UnixConn): Promise<void> {
    const send = (head: object) => connection.write(encodePacket(head));
    await send({ ready: Deno.version.deno, cpus: 1 });
    let beats: ReturnType<typeof setInterval> | undefined;
    try {
      for await (const { head } of packetsOf(connection.readable)) {
        if (!("spool" in head)) continue;
        await send({ tasks: 0, events: 0, isNew: true });
        this.connected++;
        beats = setInterval(() => send({ beat: 1 }).catch(() => {}), BEAT_MS);
      }
    } finally {
      clearInterval(beats);
    }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

/** Returns the CPU time of a process, in milliseconds. */
function cpuMs(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
  // The kernel counts in hundredths of a second.
  return (user! + system!) * 10;
}

function memoryOf(pid: number): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(text)?.[1]) * 1024;
}
