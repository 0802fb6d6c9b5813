import { ListText } from "../../../lib/web/list_text.ts";
import type { TaskQuery } from "../../../lib/web/protocol.ts";
import { TaskIndex } from "../../../lib/web/task_index.ts";
import { TaskSelection } from "../../../lib/web/task_selection.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";

const ALL: TaskQuery = { state: "", text: "", least: 0, most: Infinity, order: "id" };

/** Creates the list of a job whose tasks have these arguments, and the file of the arguments. */
async function listOf(args: readonly string[]) {
  const folder = await makeFolder({ "tasks.ndjson": args.map((one) => `${one}\n`).join("") });
  const path = `${folder.path}/tasks.ndjson`, index = new TaskIndex();
  const list = new ListText(folder.path, { id: "x" });
  let version = 0;
  const readMore = () => {
    version++;
    while (list.read());
  };
  readMore();
  const tasks = new TaskSelection({
    version: () => version,
    total: () => list.count,
    index,
    list,
    messagesOf: (ids) => new Map(ids.map((id) => [id, `no ${id}`])),
  });
  const ids = async (query: Partial<TaskQuery>) =>
    (await tasks.page({ ...ALL, ...query }, 0, 500)).rows.map(({ id }) => id);
  return {
    path,
    list,
    index,
    tasks,
    ids,
    readMore,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test("TaskSelection finds a text in the arguments, and in tasks that come later", async () => {
  await using made = await listOf(['{"city":"Köln"}', '"a.b"', '"axb"', '"A.B a.b"', "1"]);
  assertEquals(await made.ids({ text: "a.b" }), [1, 3]);
  assertEquals(await made.ids({ text: "köLN" }), [0]);
  assertEquals(await made.ids({ text: "nothing" }), []);
  assertEquals(await made.ids({ text: "a.b" }), [1, 3]);
  await Deno.writeTextFile(made.path, '"A.b"\n"torn', { append: true });
  made.readMore();
  assertEquals(await made.ids({ text: "a.b" }), [1, 3, 5]);
});

Deno.test("TaskSelection numbers lines in all parts of a long list", async () => {
  const args = Array.from({ length: 40_000 }, (_, i) => `"tile ${i}${i % 9000 ? "" : " x"}"`);
  await using made = await listOf(args);
  assertEquals(await made.ids({ text: " X" }), [0, 9000, 18_000, 27_000, 36_000]);
  const { found, rows } = await made.tasks.page({ ...ALL, text: "tile 3999" }, 9, 3);
  assertEquals([found, rows.map(({ args }) => args)], [
    11,
    ['"tile 39998"', '"tile 39999"'],
  ]);
});

Deno.test("TaskSelection selects by state and duration, and sorts by duration", async () => {
  await using made = await listOf(["0", "1", "2", "3", "4"]);
  for (const [id, ms] of [30, 0.25, 7000, 30].entries()) made.index.succeed(id, 1, ms);
  assertEquals(await made.ids({ order: "slowest" }), [2, 0, 3, 1, 4]);
  assertEquals(await made.ids({ order: "fastest" }), [4, 1, 0, 3, 2]);
  assertEquals(await made.ids({ least: 30, most: 100 }), [0, 3]);
  assertEquals(await made.ids({ state: "open" }), [4]);
  assertEquals(await made.ids({ state: "succeeded", text: "3" }), [3]);
});

Deno.test("TaskSelection sorts more than a million tasks by duration", async () => {
  await using made = await listOf([]);
  const count = 2 ** 21 + 5, { index, list } = made;
  index.succeedAll(0, count, 0);
  index.succeed(7, 1, 30);
  const tasks = new TaskSelection({
    ...{ version: () => 0, total: () => count, index, list },
    messagesOf: () => new Map(),
  });
  for (const order of ["slowest", "fastest"] as const) {
    const first = order === "slowest" ? [7, 0, 1, 2, 3, 4, 5, 6, 8] : [0, 1, 2, 3, 4, 5, 6, 8, 9];
    const { rows } = await tasks.page({ ...ALL, order }, 0, first.length);
    assertEquals(rows.map(({ id }) => id), first, order);
  }
});

Deno.test("TaskSelection writes all selected tasks as CSV", async () => {
  await using made = await listOf(['{"a":"x,y"}', '"=1+1"', "12345678901234567890"]);
  const error = { message: "no 1", type: "Error", class: "timeout" } as const;
  made.index.succeed(0, 2, 12.5);
  made.index.add({ id: 1, attempt: 1, type: "failed", ms: 3, error });
  assertEquals(
    (await Array.fromAsync(made.tasks.csv(ALL))).join(""),
    [
      "task,state,class,attempt,ms,arguments,message\n",
      '0,succeeded,"",2,12.5,"{""a"":""x,y""}",""\n',
      '1,failed,timeout,1,3,"""=1+1""",no 1\n',
      '2,open,"",0,0,12345678901234567890,""\n',
    ].join(""),
  );
});

Deno.test("TaskSelection writes CSV in the order of durations, from all parts of a list", async () => {
  const count = 20_000, args = Array.from({ length: count }, (_, id) => `["ä",${id}]`);
  await using made = await listOf(args);
  // Neighbours in this order are far from each other in the list.
  const place = (id: number) => (id * 7919) % count;
  for (let id = 0; id < count; id++) made.index.succeed(id, 1, place(id));
  const rows = args.map((_, id) => `${id},succeeded,"",1,${place(id)},"[""ä"",${id}]",""\n`);
  const expected = Array.from(rows.keys()).sort((a, b) => place(a) - place(b)).map((id) =>
    rows[id]
  );
  const csv = (await Array.fromAsync(made.tasks.csv({ ...ALL, order: "fastest" }))).join("");
  const [, ...lines] = csv.split("\n");
  assertEquals([lines.length, lines[0], lines[1], lines.at(-2)].map(String), [
    `${count + 1}`,
    expected[0]!.trimEnd(),
    expected[1]!.trimEnd(),
    expected.at(-1)!.trimEnd(),
  ]);
  assertEquals(lines.join("\n") === expected.join(""), true);
});

Deno.test("TaskSelection cuts long arguments in pages only", async () => {
  const long = JSON.stringify("x".repeat(1000));
  await using made = await listOf([long]);
  const { rows } = await made.tasks.page(ALL, 0, 1);
  assertEquals(rows[0]!.args, `${long.slice(0, 300)}…`);
  const csv = (await Array.fromAsync(made.tasks.csv(ALL))).join("");
  assertEquals(csv.includes("x".repeat(1000)), true);
});
