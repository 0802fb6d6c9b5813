import { assertEquals } from "../../support/assert.ts";
import { readBelow, readEvents } from "../../support/jobs.ts";
import { jobFolder, run, test } from "./failures/jobs.ts";

const SECRET = "s3cret-of-the-platform";

test("the values of variables reach the tasks, and no file of the job", async ({ path, write }) => {
  await write(
    "work.ts",
    `export const quick = (x: number) => {
      console.log(Deno.env.get("TOKEN"));
      if (x === 1) throw new Error("refused " + Deno.env.get("TOKEN"));
      return Deno.env.get("TOKEN")?.length ?? null;
    };`,
  );
  const { succeeded, failed } = await run(2, { env: { TOKEN: SECRET } });
  assertEquals([succeeded, failed], [1, 1]);
  const [first] = readEvents(await jobFolder()).filter(({ type }) => type === "succeeded");
  assertEquals(first, {
    id: 0,
    attempt: 1,
    type: "succeeded",
    ms: (first as { ms: number }).ms,
    result: 22,
  });
  assertEquals([...readBelow(path)].filter(([, text]) => text.includes(SECRET)), []);
});
