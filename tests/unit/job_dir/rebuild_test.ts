import { rebuildResults } from "../../../lib/job_dir/rebuild.ts";
import { Journal } from "../../../lib/journal/writer.ts";
import { NewFile } from "../../../lib/util/files/new_file.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { readLines } from "../../support/jobs.ts";
import { recordFor } from "./record_for.ts";

const failed = (id: number, attempt: number, type = "failed") =>
  `{"id":${id},"attempt":${attempt},"type":"${type}","ms":1,` +
  '"error":{"message":"no","type":"Error","class":"error"}}\n';

const JOURNAL = '{"journal":2,"job":"x"}\n{"id":1,"result":1}\n' + failed(0, 1, "retried") +
  failed(0, 2) + '{"id":3,"count":2,"bytes":8}\n3\n[4,5]\n' + failed(2, 1) +
  '{"id":2,"attempt":1,"type":"queued"}\n{"id":2,"attempt":2,"result":"two"}\n';

Deno.test("rebuildResults() writes results and errors in the order in which they came", async (t) => {
  const cases: [options: Record<string, boolean>, results: string[]][] = [
    [{}, ["1", "3", "4", "5", '"two"']],
    [{ groupedResults: true }, ["1", "3", "[4,5]", '"two"']],
    [{ ordered: true }, ["1", '"two"', "3", "4", "5"]],
  ];
  for (const [options, expected] of cases) {
    await t.step(JSON.stringify(options), async () => {
      await using folder = await makeFolder({
        "tasks.ndjson": "[0]\n[1]\n[2]\n[3]\n[4]\n",
        "events.ndjson": JOURNAL,
        r: "old\n",
      });
      const record = recordFor("x"), config = { ...record.options, ...options };
      const results = new NewFile(`${folder.path}/r`), errors = new NewFile(`${folder.path}/e`);
      await rebuildResults(folder.path, { ...record, options: config }, { results, errors });
      assertEquals(readLines(`${folder.path}/r`), expected);
      assertEquals(readLines(`${folder.path}/e`), [
        '{"ERROR":"no","ARGS":[0],"KWARGS":{},"type":"Error","class":"error","task":0,"attempts":2}',
      ]);
    });
  }
});

Deno.test("rebuildResults() reads long results that wait back from the journal", async () => {
  await using folder = await makeFolder({ r: "old\n" });
  // Together they are longer than what may wait in memory.
  const text = (id: number) => JSON.stringify(`${id}`.padEnd(1024 * 1024, "x"));
  const record = recordFor("x"), ids = Array.from({ length: 80 }, (_, i) => 80 - i);
  {
    using journal = Journal.create(`${folder.path}/events.ndjson`, "x");
    const append = (line: string) => {
      journal.append(new TextEncoder().encode(line));
      journal.flush();
    };
    for (const id of ids) append(`{"id":${id},"result":${text(id)}}\n`);
    append('{"id":0,"count":1,"bytes":2}\n0\n');
  }
  const results = new NewFile(`${folder.path}/r`);
  const config = { ...record.options, ordered: true };
  await rebuildResults(folder.path, { ...record, options: config }, { results });
  const expected = ["0", ...ids.toReversed().map(text)].map((line) => line.slice(0, 4));
  const lines = readLines(`${folder.path}/r`);
  assertEquals(lines.map((line) => line.slice(0, 4)), expected);
  assertEquals(lines[1] === text(1) && lines[80] === text(80), true);
});
