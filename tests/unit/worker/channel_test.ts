import { Channel, findToken } from "../../../lib/worker/channel.ts";
import { ProtocolError } from "../../../lib/worker/frame.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { frame } from "../../support/worker_frames.ts";

const TOKEN = "0f0e";
const FRAMES = [
  frame(TOKEN, { id: 7, attempt: 1, count: 3, before: 0 }, "10\n[11]\n12\n"),
  frame(TOKEN, { id: 2, attempt: 4, count: 1, before: 3 }, `"${"x".repeat(200)}"\n`),
  frame(TOKEN, { id: 900, attempt: 1, count: 2, before: 4 }, "1\n2\n"),
];
const TASKS = [
  [7, 1, 3, "10\n[11]\n12\n"],
  [2, 4, 1, `"${"x".repeat(200)}"\n`],
  [900, 1, 2, "1\n2\n"],
];

/** The tasks that a worker would run, and the error that ends it. */
interface Received {
  readonly tasks: unknown[];
  readonly requests: unknown[];
  readonly error: unknown;
}

/** Receives a text in pieces of a size. */
async function receive(text: string, size = 50): Promise<Received> {
  const bytes = new TextEncoder().encode(text), tasks: unknown[] = [], requests: unknown[] = [];
  let at = 0;
  const socket = {
    read(buffer: Uint8Array) {
      const piece = bytes.subarray(at, at + Math.min(size, buffer.length));
      buffer.set(piece);
      at += piece.length;
      return Promise.resolve(piece.length === 0 ? null : piece.length);
    },
    write: (buffer: Uint8Array) => Promise.resolve(buffer.length),
    ref() {},
    unref() {},
  };
  try {
    const channel = new Channel(socket, TOKEN);
    channel.listener = {
      onCancel: (id, attempt) => requests.push(["cancel", id, attempt]),
      onQuit: () => requests.push(["quit"]),
    };
    for (let next; (next = await channel.next());) {
      const { id, attempt, count, lines, checkpoint } = next;
      const texts = [lines, checkpoint].filter((one) => one !== undefined);
      tasks.push([id, attempt, count, ...texts.map((one) => new TextDecoder().decode(one))]);
    }
    return { tasks, requests, error: undefined };
  } catch (error) {
    return { tasks, requests, error };
  }
}

Deno.test("Channel.next() returns each frame, however the stream is cut", async () => {
  const long = `"${"y".repeat(300_000)}"\n`;
  const text = FRAMES.join("") + frame(TOKEN, { id: 5, attempt: 1, count: 1, before: 6 }, long);
  for (const size of [1, 2, 3, 7, 64, 1000, 1_000_000]) {
    const { tasks, error } = await receive(text, size);
    assert(error === undefined, `${size}: ${error}`);
    assertEquals(tasks, [...TASKS, [5, 1, 1, long]], `${size} bytes at a time`);
  }
});

Deno.test("Channel.next() returns no task of a stream in which bytes are missing or added", async () => {
  const text = FRAMES.join("");
  const ends = FRAMES.map((_, i) => FRAMES.slice(0, i + 1).join("").length);
  for (let at = 0; at < text.length; at++) {
    for (const length of [1, 5, 60]) {
      const without = text.slice(0, at) + text.slice(at + length);
      const twice = text.slice(0, at + length) + text.slice(at);
      for (const changed of [without, twice, text.slice(0, at)]) {
        const { tasks, error } = await receive(changed);
        if (changed === text) continue;
        const whole = ends.filter((end) => changed.startsWith(text.slice(0, end))).length;
        assertEquals(tasks, TASKS.slice(0, whole), `${length} bytes at ${at}`);
        const isCut = ends.some((end) => changed === text.slice(0, end)) || changed === "";
        assertEquals(error instanceof ProtocolError, !isCut, `${length} bytes at ${at}: ${error}`);
      }
    }
  }
});

Deno.test("Channel.next() refuses a frame whose lines are not those of its head", async (t) => {
  const cases: [name: string, text: string][] = [
    ["fewer lines", frame(TOKEN, { id: 0, attempt: 1, before: 0, count: 3 }, "1\n2\n")],
    ["more lines", frame(TOKEN, { id: 0, attempt: 1, before: 0, count: 1 }, "1\n2\n")],
    ["no line", frame(TOKEN, { id: 0, attempt: 1, before: 0, count: 0 }, "")],
    ["no newline at the end", frame(TOKEN, { id: 0, attempt: 1, before: 0, count: 1 }, "1\n2")],
    ["no id", frame(TOKEN, { attempt: 1, before: 0, count: 1 }, "1\n")],
    ["no attempt", frame(TOKEN, { id: 0, before: 0, count: 1 }, "1\n")],
    ["a block before it is missing", FRAMES[2]!],
    ["a block comes twice", FRAMES[0]! + FRAMES[0]!],
    ["no count", frame(TOKEN, { id: 0, attempt: 1, before: 0 }, "1\n")],
  ];
  for (const [name, text] of cases) {
    await t.step(name, async () => {
      const { tasks, error } = await receive(text);
      assertEquals(tasks, text.startsWith(FRAMES[0]!) ? [TASKS[0]] : []);
      assert(error instanceof ProtocolError, `${error}`);
    });
  }
});

Deno.test("findToken() finds the token between other text", () => {
  const token = crypto.randomUUID();
  assertEquals(findToken(`\x1e${token}\x1e`), { token, rest: "" });
  assertEquals(findToken(`a\x1e\nb\x1e${token}\x1ec`), { token, rest: "a\x1e\nbc" });
  for (const text of ["", "a", `\x1e${token}`, `${token}\x1e`, `\x1e${token.slice(1)}\x1e`]) {
    assertEquals(findToken(text), undefined);
  }
});

Deno.test("Channel.next() passes on requests to end calls, and checkpoints", async () => {
  const text = [
    frame(TOKEN, { id: 7, attempt: 1, count: 1, before: 0 }, "10\n"),
    frame(TOKEN, { cancel: 7, attempt: 1 }, ""),
    frame(TOKEN, { id: 8, attempt: 2, count: 1, before: 1, checkpoint: 1 }, '11\n{"row":4}\n'),
    frame(TOKEN, { quit: 1 }, ""),
  ].join("");
  const { tasks, error, requests } = await receive(text);
  assert(error === undefined, `${error}`);
  assertEquals(requests, [["cancel", 7, 1], ["quit"]]);
  assertEquals(tasks, [[7, 1, 1, "10\n"], [8, 2, 1, "11\n", '{"row":4}']]);
  for (const head of [{ cancel: 7 }, { attempt: 1 }, { quit: 0 }]) {
    const { error } = await receive(frame(TOKEN, head, ""));
    assert(error instanceof ProtocolError, JSON.stringify(head));
  }
});
