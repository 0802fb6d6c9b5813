import { EventLog } from "../../../../lib/engines/stream/event_log.ts";
import { hostFiles } from "../../../../lib/engines/stream/host_folder.ts";
import { readSpool } from "../../../../lib/engines/stream/spool_file.ts";
import { NO_EVENTS } from "../../../../lib/journal/format.ts";
import { dirname } from "../../../../lib/util/paths.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const success = (id: number) => ({
  ...NO_EVENTS,
  lines: encode(`{"id":${id},"result":${id}}\n`),
  results: encode(`${id}\n`),
  succeeded: 1,
});

/** Creates the folder of a job on a host. */
async function makeJob() {
  const folder = await makeFolder(), files = hostFiles(folder.path, "job");
  for (const path of [files.dir, files.files]) Deno.mkdirSync(path, { recursive: true });
  return { files, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** Returns the packets of events in a few words. */
function packetsIn(events: string): unknown[] {
  const found: unknown[] = [];
  readSpool(
    events,
    ({ head, payload }) => found.push(head.file ?? head.ended ?? new TextDecoder().decode(payload)),
  );
  return found;
}

Deno.test("EventLog sends a file before the events that follow it, and again when it changes", async () => {
  await using job = await makeJob();
  const { files } = job;
  {
    using log = new EventLog(files);
    Deno.writeTextFileSync(`${files.files}/a.txt`, "1");
    log.write(success(0));
    log.note({ ended: "first" });
    Deno.writeTextFileSync(`${files.files}/a.txt`, "12");
    log.note({ ended: "second" });
  }
  const line = '{"id":0,"result":0}\n';
  assertEquals(packetsIn(files.events), ["a.txt", line, "first", "a.txt", "second"]);
});

Deno.test("EventLog leaves a large file for later while a task writes it", async () => {
  await using job = await makeJob();
  const { files } = job, path = `${files.files}/big`;
  const writer = new Deno.Command("sh", {
    args: ["-c", `exec 3>"$0"; head -c 600000 /dev/zero >&3; echo; read line`, path],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = writer.stdout.getReader();
  await reader.read();
  {
    using log = new EventLog(files);
    log.note({ ended: "written" });
    await writer.stdin.close();
    await writer.status;
    await reader.cancel();
    log.note({ ended: "closed" });
  }
  assertEquals(packetsIn(files.events), ["written", "big", "closed"]);
});

Deno.test("EventLog knows which attempts have ended", async () => {
  await using job = await makeJob();
  const error = { message: "no", type: "Error", class: "error" } as const;
  const event = { id: 7, attempt: 2, type: "failed", ms: 0, error } as const;
  {
    using log = new EventLog(job.files);
    assertEquals(log.isEmpty, true);
    log.write({ ...success(3), failures: [{ event, args: encode("7") }] });
  }
  using log = new EventLog(job.files);
  const ended = [[3, 1], [3, 2], [7, 1], [7, 2], [8, 1]] as const;
  assertEquals(ended.map(([id, attempt]) => log.takeEnd(id, attempt)), [
    ...[true, true, false, true, false],
  ]);
  assertEquals([log.isEmpty, dirname(job.files.events)], [false, job.files.dir]);
});

Deno.test("EventLog lets a limited attempt run again that was sent again", async () => {
  await using job = await makeJob();
  const error = { message: "no", type: "RateLimited", class: "limited" } as const;
  const event = { id: 7, attempt: 1, type: "failed", ms: 0, error } as const;
  {
    using log = new EventLog(job.files);
    for (const _ of [1, 2]) log.write({ ...NO_EVENTS, failures: [{ event, args: encode("7") }] });
  }
  using log = new EventLog(job.files);
  assertEquals([1, 2, 3].map(() => log.takeEnd(7, 1)), [true, true, false]);
});
