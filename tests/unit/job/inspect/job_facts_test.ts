import { TopErrors } from "../../../../lib/job/inspect/job_facts.ts";
import { JournalState } from "../../../../lib/journal/state.ts";
import { Journal } from "../../../../lib/journal/writer.ts";
import { enterFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";
import { recordFor } from "../../job_dir/record_for.ts";

const failure = (id: number, message: string) =>
  new TextEncoder().encode(
    `{"id":${id},"attempt":1,"type":"failed","ms":1,"error":{"message":"${message}",` +
      '"type":"Error","class":"error"}}\n',
  );

Deno.test("TopErrors reads the failures of a running job again only when there are more", async () => {
  await using _folder = await enterFolder();
  const record = recordFor("x"), errors = new TopErrors(), states = new JournalState();
  using journal = Journal.create("events.ndjson", "x");
  const fail = (id: number, message: string) => {
    journal.append(failure(id, message));
    journal.flush();
    states.add(failure(id, message));
  };
  fail(0, "no disk");
  const first = await errors.of(".", record, states);
  assertEquals(first.map(({ count }) => count), [1]);
  assertEquals(await errors.of(".", record, states) === first, true);
  fail(1, "no net");
  const second = await errors.of(".", record, states);
  assertEquals(second.map(({ message }) => message).sort(), ["no disk", "no net"]);
  assertEquals((await errors.of(".", record)).length, 2);
});
