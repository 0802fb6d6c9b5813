import { argsText, type TaskBatch } from "../../../lib/tasks/batch.ts";
import {
  CheckedList,
  type CheckVerdict,
  type ElementCheck,
  type OnInvalid,
} from "../../../lib/tasks/checked_list.ts";
import { CutList } from "../../../lib/tasks/cuts/cut_list.ts";
import { Places } from "../../../lib/tasks/places.ts";
import { toTasks } from "../../../lib/tasks/source.ts";
import { UsageError } from "../../../lib/util/errors.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

/** Multiplies numbers, refuses 3, and cannot read what is not JSON. */
const check: ElementCheck = async function* (tasks) {
  for await (const batch of tasks) yield { batch, verdicts: [...batch].map(verdictOf) };
};

function verdictOf({ args }: { readonly args: Uint8Array }): CheckVerdict {
  const text = argsText(args);
  if (/^\D/.test(text)) return false;
  return text === "1" || (text === "3" ? "is three" : new TextEncoder().encode(`${text}0`));
}

const LINES = "1\n2\n\noops\n3\nCannot read a.csv:9: it is torn\n5\n";

async function read(list: string | readonly number[], invalid: OnInvalid) {
  const checked = new CheckedList(new CutList(list, { skip: 1 }), check, invalid);
  const places = new Places(), found: [id: number, line: string, place: string | undefined][] = [];
  for await (const batch of toTasks(checked as never, { places })) add(batch);
  return { found, skipped: checked.skipped };

  function add(batch: TaskBatch): void {
    for (const { id, args } of batch) {
      const place = places.of(id);
      found.push([id, argsText(args), place && `${place.name}:${place.line}`]);
    }
  }
}

Deno.test("a checked list has other lines for invalid elements, or leaves them out", async () => {
  await using folder = await makeFolder({ "l.ndjson": LINES });
  const list = `${folder.path}/l.ndjson`, text = `Cannot use ${list}:5: is three`;
  assertEquals(await read(list, "fail"), {
    found: [
      [0, "20", `${list}:2`],
      [1, "oops", `${list}:4`],
      [2, `${text}\t3`, `${list}:5`],
      [3, "Cannot read a.csv:9: it is torn", `${list}:6`],
      [4, "50", `${list}:7`],
    ],
    skipped: undefined,
  });
  const oops = `Cannot read ${list}:4:1: Unexpected token 'o', "oops" is not valid JSON`;
  assertEquals(await read(list, "skip"), {
    found: [[0, "20", `${list}:2`], [1, "50", `${list}:7`]],
    skipped: { count: 3, first: oops },
  });
  const { message } = await assertRejects(() => read(list, "stop"), UsageError);
  assertEquals(message, `${oops}, and the job stops there`);
});

Deno.test("elements without a file are named by their positions", async () => {
  const { found } = await read([0, 1, 3], "fail");
  assertEquals(found, [[0, "1", undefined], [1, "Cannot use element 1: is three\t3", undefined]]);
});
