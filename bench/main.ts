/**
 * Runs the benches of this folder: `deno task bench`, `deno task bench startup`, `--json`.
 *
 * `--quick` only checks that everything runs. `BENCH_ROUNDS=3` changes the number of rounds. A bench
 * is a file that exports `bench()`, which yields reports. With `--json`, each report is one line and
 * includes the machine.
 *
 * @module
 */

import { type Report, tableText } from "./report.ts";

/** The exports of a bench. */
interface Bench {
  bench(): AsyncIterable<Report>;
}

async function main(args: readonly string[]): Promise<number> {
  const isJson = args.includes("--json");
  const asked = args.filter((arg) => arg !== "--json" && arg !== "--quick");
  const there = listBenches();
  const unknown = asked.find((name) => !there.includes(name));
  if (unknown !== undefined) {
    console.error(`Cannot find bench "${unknown}": there are ${there.join(", ")}`);
    return 2;
  }
  for (const name of asked.length > 0 ? asked : there) {
    const { bench } = await import(`./${name}.ts`) as Bench;
    for await (const report of bench()) {
      console.log(isJson ? JSON.stringify({ bench: name, ...machine(), ...report }) : show(report));
    }
  }
  return 0;
}

function listBenches(): string[] {
  return [...Deno.readDirSync(import.meta.dirname!)]
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".ts") && isBench(name))
    .map((name) => name.slice(0, -".ts".length))
    .sort();
}

function isBench(name: string): boolean {
  const text = Deno.readTextFileSync(`${import.meta.dirname}/${name}`);
  return text.includes("export async function* bench(");
}

function show(report: Report): string {
  return `${tableText(report)}\n`;
}

function machine(): Record<string, unknown> {
  return {
    at: new Date().toISOString(),
    deno: Deno.version.deno,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    cpus: navigator.hardwareConcurrency,
  };
}

Deno.exit(await main(Deno.args));
