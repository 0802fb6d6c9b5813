/** @jsx h */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h.

/**
 * The machines of a running job.
 *
 * @module
 */

import { machineWord } from "../../engines/stream/machine_word.ts";
import type { Snapshot } from "../protocol.ts";
import { h } from "./deps.ts";
import { plural } from "./format.ts";

/** Shows the number of connected machines, and the state of each on demand. */
export function Hosts({ hosts = [], engine }: Pick<Snapshot, "hosts"> & {
  readonly engine: string;
}) {
  if (hosts.length === 0) return null;
  const there = hosts.filter(({ isThere }) => isThere).length;
  return (
    <details class="note" open={there < hosts.length}>
      <summary>{there} of {plural(hosts.length, machineWord(engine))}</summary>
      {hosts.map(({ text }) => <div key={text}>{text}</div>)}
    </details>
  );
}
