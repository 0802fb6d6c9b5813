import { until, within } from "../../tools/support/until.ts";
import { assertEquals } from "../support/assert.ts";
import { startCli } from "../support/jobs.ts";
import { serve, test } from "./page_rig.ts";

const MODULE = `
export async function task({ tile }, ctx) {
  ctx.progress(0.5, "half of " + tile);
  while (!await Deno.stat("free").catch(() => null)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
`;

test("the page shows the running tasks with their workers, memory and progress", async (page) => {
  await Deno.writeTextFile("tiles.ts", MODULE);
  await Deno.writeTextFile("list.ndjson", '{"tile":"a"}\n{"tile":"b"}\n');
  const job = startCli(["map", "tiles.ts#task", "list.ndjson", "--workers", "2", "--no-log"]);
  await using server = await serve(page);
  await page.goto(server.address);
  const row = page.getByRole("region", { name: "Table of running tasks" })
    .getByRole("row", { name: "task 1" });
  await row.getByText('{"tile":"b"}').waitFor();
  await row.getByText("50 % half of b").waitFor();
  const cells = () => row.getByRole("cell").allInnerTexts();
  await until(async () => / s$/.test((await cells())[0]!), "the task runs for a second");
  await until(async () => /MB$/.test((await cells())[3]!), "its memory is known");
  assertEquals(await page.title(), "0 %: tiles.task, dl_jobs");
  await Deno.writeTextFile("free", "");
  await within(job.output(), "the job ends");
  await page.locator("h1 + .state.succeeded").waitFor();
  await row.waitFor({ state: "hidden" });
});
