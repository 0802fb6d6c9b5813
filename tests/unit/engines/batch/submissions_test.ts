import { Submissions } from "../../../../lib/engines/batch/submissions.ts";
import { type Folder, makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

interface Named {
  readonly name: string;
}

for (const ending of [".json", "/wave.json"] as const) {
  const test = (claim: string, fn: (folder: Folder) => Promise<void>) =>
    Deno.test(`Submissions with ${ending} ${claim}`, async () => {
      await using folder = await makeFolder();
      await fn(folder);
    });

  test("keep one record each, the oldest first", async ({ path }) => {
    const submissions = new Submissions<Named>(`${path}/x`, ending);
    assertEquals(submissions.list(), []);
    const paths = Array.from({ length: 11 }, () => submissions.next());
    for (const one of paths.toReversed()) submissions.write(one, { name: one });
    assertEquals(submissions.list(), Array.from({ length: 11 }, (_, i) => `${path}/x/${i}`));
    submissions.write(paths[1]!, { name: "again" });
    assertEquals(await submissions.read(paths[1]!), { name: "again" });
    const text = await Deno.readTextFile(`${path}/x/1${ending}`);
    assertEquals(text, '{"name":"again"}\n');
  });

  test("number a new submission after all earlier ones", async ({ path }) => {
    const former = new Submissions<Named>(`${path}/x`, ending);
    for (let i = 0; i < 3; i++) await former.write(former.next(), { name: "" });
    const later = new Submissions<Named>(`${path}/x`, ending);
    const refused = later.next();
    await later.write(refused, { name: "" });
    await later.forget(refused);
    // The system may have accepted a submission despite its refusal, so the name stays used.
    assertEquals([refused, later.next()], [`${path}/x/3`, `${path}/x/4`]);
    assertEquals(later.list().length, 3);
  });

  test("skip all other files", async ({ path }) => {
    const submissions = new Submissions<Named>(`${path}/x`, ending);
    submissions.write(submissions.next(), { name: "" });
    await submissions.markCanceled();
    for (const name of ["element.js", "function", "7x", "note.json", `9${ending}.new`]) {
      if (!name.includes("/")) await Deno.writeTextFile(`${path}/x/${name}`, "");
    }
    assertEquals(submissions.list(), [`${path}/x/0`]);
    assertEquals(submissions.next(), `${path}/x/1`);
  });

  test("carry the mark of a canceled job", async ({ path }) => {
    const submissions = new Submissions<Named>(path, ending);
    await submissions.clearCanceled();
    assertEquals(submissions.isCanceled(), false);
    await submissions.markCanceled();
    assertEquals(new Submissions<Named>(path, ending).isCanceled(), true);
    await submissions.clearCanceled();
    assertEquals(submissions.isCanceled(), false);
  });
}
