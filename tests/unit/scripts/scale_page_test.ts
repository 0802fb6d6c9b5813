import { ROOT } from "../../../scripts/steps/deno.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("docs/why/scale.md: the numbers of workers follow from the measured times", async () => {
  const rows = await tableRows(`${ROOT}/docs/why/scale.md`);
  const measured = (name: string) => rows.find(([cell]) => cell === name)!.slice(1).map(parseFloat);
  const c = { "1 ms": "`c`, a task of 1 ms", "100 ms": "`c`, a task of 100 ms" };
  const computed = rows.filter(([, result]) => result === "1 KB" || result === "1 MB");
  const expected = computed.map(([time = "", result = ""]) => {
    const d = parseFloat(time) * (time.endsWith("ms") ? 1000 : 1e6);
    const own = measured(time === "1 ms" ? c["1 ms"] : c["100 ms"]);
    const perMb = measured(`\`b\`, a MB of results of ${result}`);
    const busy = measured("`i`, a busy second of a worker");
    const megabytes = result === "1 KB" ? 0.001 : 1;
    return [0, 1].map((engine) =>
      d / (own[engine]! + perMb[engine]! * megabytes + busy[engine]! * d / 1e6)
    ).map((workers) => Number(workers.toPrecision(2)));
  });
  assertEquals(computed.map(([, , ...workers]) => workers.map(Number)), expected);
  assertEquals(computed.length, 6);
});

/** Returns the cells of the rows of all tables of a page. */
async function tableRows(path: string): Promise<string[][]> {
  const lines = (await Deno.readTextFile(path)).split("\n").filter((line) => line.startsWith("|"));
  return lines.map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
}
