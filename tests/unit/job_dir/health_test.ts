import { checkJournal } from "../../../lib/job_dir/health.ts";
import { Journal } from "../../../lib/journal/writer.ts";
import { makeFolder } from "../../../tools/support/files.ts";
import { assertEquals } from "../../support/assert.ts";
import { recordFor } from "./record_for.ts";

Deno.test("checkJournal() returns the tasks without an end as ranges", async () => {
  await using folder = await makeFolder();
  const { path } = folder;
  {
    using journal = Journal.create(`${path}/events.ndjson`, "a");
    const lines = [0, 3, 4, 8].map((id) => `{"id":${id},"result":1}\n`);
    journal.append(new TextEncoder().encode(lines.join("")));
  }
  const tasksOf = (total: number) => {
    const counts = { total, succeeded: total, failed: 0 };
    return checkJournal(path, recordFor("a", { format: 3, counts }))?.tasks;
  };
  assertEquals(tasksOf(9), [[1, 2], [5, 7]]);
  assertEquals(tasksOf(10), [[1, 2], [5, 7], [9, 9]]);
});

Deno.test("checkJournal() needs little memory for a list of any length", async () => {
  await using folder = await makeFolder({ "events.ndjson": "" });
  const [health, record] = ["../../../lib/job_dir/health.ts", "./record_for.ts"].map((path) =>
    JSON.stringify(new URL(path, import.meta.url).href)
  );
  const code = `
    import { checkJournal } from ${health};
    import { recordFor } from ${record};
    const counts = { total: 2e7, succeeded: 2e7, failed: 0 };
    const damage = checkJournal(${
    JSON.stringify(folder.path)
  }, recordFor("a", { format: 3, counts }));
    console.log(JSON.stringify(damage.tasks));`;
  const args = ["eval", "--no-check", "--v8-flags=--max-old-space-size=200", code];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  assertEquals(new TextDecoder().decode(stdout), "[[0,19999999]]\n");
});
