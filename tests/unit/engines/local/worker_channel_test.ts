import { taskFrames, WorkerListener } from "../../../../lib/engines/local/worker_channel.ts";
import { joinTasks, TaskBatch } from "../../../../lib/tasks/batch.ts";
import { exists } from "../../../../lib/util/files/fs.ts";
import { Channel } from "../../../../lib/worker/channel.ts";
import { FrameReader } from "../../../../lib/worker/frame.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { until, within } from "../../../../tools/support/until.ts";
import { assert, assertEquals, assertRejects } from "../../../support/assert.ts";
import { useEnv } from "../../../../lib/util/env.ts";
import { readChannel } from "../../../support/worker_frames.ts";

const TOKEN = crypto.randomUUID();

/** Connects to a listener and writes a text first. */
async function connect({ path }: WorkerListener, text: string): Promise<Deno.Conn> {
  const socket = await Deno.connect({ transport: "unix", path });
  await socket.write(new TextEncoder().encode(text));
  return socket;
}

Deno.test("WorkerListener accepts the client with the token, and drops all others", async () => {
  const listener = new WorkerListener();
  const folder = listener.path.slice(0, listener.path.lastIndexOf("/"));
  assertEquals(Deno.statSync(folder).mode! & 0o777, 0o700);
  const accepted = listener.accept(TOKEN);
  using silent = await Deno.connect({ transport: "unix", path: listener.path });
  using wrong = await connect(listener, crypto.randomUUID());
  using short = await connect(listener, TOKEN.slice(0, -1));
  await short.closeWrite();
  assertEquals(await wrong.read(new Uint8Array(1)).catch(() => null), null, "it is closed");
  assertEquals(await short.read(new Uint8Array(1)).catch(() => null), null, "it is closed");
  using worker = await connect(listener, TOKEN);
  const channel = await within(accepted, "the worker is accepted");
  assertEquals(await worker.read(new Uint8Array(9)), 1, "it is greeted");
  assertEquals(exists(folder), false, "the socket's file is gone when the greeting arrives");
  await assertRejects(() => connect(listener, TOKEN), Deno.errors.NotFound);
  await worker.write(new TextEncoder().encode("hello"));
  worker.close();
  const bytes = await within(readChannel(channel!), "the end of the stream");
  assertEquals(new TextDecoder().decode(bytes), "hello");
  channel!.close();
  silent.close();
});

Deno.test("WorkerListener accepts the worker once it may open files again", async () => {
  const { listen } = Deno;
  let refusals = 3, refused: WorkerListener;
  try {
    Deno.listen = ((options: Deno.UnixListenOptions & { transport: "unix" }) => {
      const listener = listen(options), accept = listener.accept.bind(listener);
      listener.accept = async () => {
        if (refusals-- <= 0) return await accept();
        throw Object.assign(new Error("Too many open files (os error 24)"), { code: "EMFILE" });
      };
      return listener;
    }) as typeof Deno.listen;
    refused = new WorkerListener();
  } finally {
    Deno.listen = listen;
  }
  const accepted = refused.accept(TOKEN);
  using worker = await connect(refused, TOKEN);
  const channel = await within(accepted, "the worker is accepted");
  assertEquals(await worker.read(new Uint8Array(9)), 1, "it is greeted");
  channel!.close();
});

Deno.test("WorkerListener greets the worker when it may load user code", async () => {
  const listener = new WorkerListener(), begun = Promise.withResolvers<void>();
  const accepted = listener.accept(TOKEN, begun.promise);
  using worker = await connect(listener, TOKEN);
  let isBegun = false;
  const greeting = worker.read(new Uint8Array(9)).then((size) => [size, isBegun]);
  await until(() => !exists(listener.path), "the worker is accepted");
  isBegun = true;
  begun.resolve();
  assertEquals(await within(greeting, "the greeting"), [1, true]);
  (await within(accepted, "the channel"))!.close();
});

Deno.test("WorkerListener.accept() returns nothing when the worker ends before it connects", async () => {
  const listener = new WorkerListener(), accepted = listener.accept(TOKEN);
  listener[Symbol.dispose]();
  assertEquals(await within(accepted, "the end"), undefined);
  assertEquals(exists(listener.path), false);
});

Deno.test("WorkerListener listens below /tmp where the folder for temporary files has a long path", async () => {
  await using folder = await makeFolder();
  const long = `${folder.path}/${"x".repeat(120)}`;
  Deno.mkdirSync(long);
  using _env = useEnv({ TMPDIR: long });
  using listener = new WorkerListener();
  assert(listener.path.startsWith("/tmp/dl_jobs_"), listener.path);
  assertEquals(Array.from(Deno.readDirSync(long)), []);
  const accepted = listener.accept(TOKEN);
  using _worker = await connect(listener, TOKEN);
  (await within(accepted, "the worker is accepted"))!.close();
});

Deno.test("WorkerChannel passes batches of any size to a worker, in order", async () => {
  const listener = new WorkerListener(), accepted = listener.accept(TOKEN);
  using socket = await connect(listener, TOKEN);
  const channel = (await within(accepted, "the worker is accepted"))!;
  await socket.read(new Uint8Array(1));
  const encode = (text: string) => new TextEncoder().encode(text);
  const batches = [
    TaskBatch.of(encode("1\n2\n3\n"), 3, 7),
    TaskBatch.of(encode("1\n2\n3\n4\n"), 4, new Uint32Array([1, 2, 9, 10])),
    TaskBatch.of(encode(`"${"x".repeat(3_000_000)}"\n5\n`), 2, 70),
    joinTasks([{ id: 4, attempt: 12, args: encode("6") }])[0]!,
  ];
  const writing = (async () => {
    for (const batch of batches) await channel.write(batch);
    await channel.end();
  })();
  const received: unknown[] = [];
  const worker = new Channel(socket, TOKEN);
  for (let next; (next = await worker.next());) {
    const { id, attempt, count, lines } = next;
    received.push([id, attempt, count, lines.length]);
  }
  await writing;
  assertEquals(received, [[7, 1, 3, 6], [1, 1, 2, 4], [9, 1, 2, 4], [70, 1, 2, 3_000_005], [
    ...[4, 12, 1, 2],
  ]]);
  channel.close();
});

Deno.test("taskFrames() writes a frame for each group of consecutive tasks", () => {
  const lines = new TextEncoder().encode("1\n2\n3\n4\n");
  const batch = TaskBatch.of(lines, 4, new Uint32Array([1, 2, 9, 10])).slice(1);
  const [first, body, end, second] = taskFrames(batch, "token", 5);
  const headOf = (bytes: Uint8Array, body: string) => {
    const whole = new TextEncoder().encode(`${new TextDecoder().decode(bytes)}${body}\x1e\n`);
    return new FrameReader("token").at(whole, 0)?.head;
  };
  assertEquals(headOf(first!, "2\n"), { id: 2, attempt: 1, count: 1, before: 5, bytes: 2 });
  assertEquals([body, end].map((bytes) => new TextDecoder().decode(bytes)), ["2\n", "\x1e\n"]);
  assertEquals(headOf(second!, "3\n4\n"), { id: 9, attempt: 1, count: 2, before: 6, bytes: 4 });
});

Deno.test("taskFrames() adds the checkpoint of a task to its frame", () => {
  const [lines, checkpoint] = ["[1]\n", "{}"].map((text) => new TextEncoder().encode(text));
  const batch = TaskBatch.of(lines!, 1, 4, { attempt: 2, checkpoint });
  const text = taskFrames(batch, "token", 5).map((bytes) => new TextDecoder().decode(bytes));
  const whole = new TextEncoder().encode(text.join(""));
  const { head, body, end } = new FrameReader("token").at(whole, 0)!;
  assertEquals(head, { id: 4, attempt: 2, count: 1, before: 5, checkpoint: 1, bytes: 7 });
  assertEquals(new TextDecoder().decode(whole.subarray(body, end)), "[1]\n{}\n");
});
