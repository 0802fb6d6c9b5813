/**
 * Runs `deno test` and counts its tests.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { deno } from "./deno.ts";
import type { Counts, Outcome } from "./step.ts";

/** Options of a test run. */
export interface TestOptions {
  /** Flags for `deno test`. */
  readonly flags?: readonly string[] | undefined;
  /** True to print all output immediately too. */
  readonly isLive?: boolean | undefined;
  /** True to print all output of the tests after the last one. */
  readonly isShown?: boolean | undefined;
  /** Variables for the tests. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/**
 * Runs the tests in some files and folders.
 *
 * @returns the outcome; its counts are absent when `deno test` prints no counts
 */
export async function runTests(
  paths: readonly string[],
  { flags = [], isLive = false, isShown = false, env = {} }: TestOptions = {},
): Promise<Outcome> {
  if (paths.length === 0) return { ok: true };
  const args = ["test", "-A", ...flags, ...paths];
  const child = deno(args, { env, stdout: "piped", stderr: isLive ? "inherit" : "piped" }).spawn();
  const [stdout, stderr, { success }] = await Promise.all([
    isLive ? readLive(child.stdout) : new Response(child.stdout).text(),
    isLive ? "" : new Response(child.stderr).text(),
    child.status,
  ]);
  if (isShown) console.log(stdout.trim());
  const text = stripVTControlCharacters(stdout);
  return {
    ok: success,
    output: findingsIn(stdout) + stderr,
    counts: readCounts(text, success ? "ok" : "FAILED"),
    leftOut: readReasons(text),
  };
}

/** Prints a stream as it arrives, and returns its text. */
async function readLive(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const [shown, kept] = stream.tee();
  const [text] = await Promise.all([
    new Response(kept).text(),
    shown.pipeTo(Deno.stdout.writable, { preventClose: true }),
  ]);
  return text;
}

/** Returns the part of an output about failures, or the whole output when it has no such part. */
function findingsIn(output: string): string {
  const [, ...findings] = output.split(/^(?=.* ERRORS )/m);
  return findings.join("") || output;
}

/**
 * Reads the last line of `deno test`.
 *
 * The report of `--junit-path` is not usable: it counts steps as tests and has no entry for a
 * file that does not load.
 */
function readCounts(output: string, verdict: string): Counts | undefined {
  const line = output.split("\n").findLast((line) => line.startsWith(`${verdict} | `));
  if (line === undefined) return undefined;
  const count = (word: string) => Number(line.match(new RegExp(`\\| (\\d+) ${word}`))?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), skipped: count("ignored") };
}

/** Reads the reasons for skips from the names of the skipped tests. */
function readReasons(output: string): string[] {
  return [...output.matchAll(/\(skipped: (.*)\) \.\.\. ignored/g)].map(([, reason]) => reason!);
}
