/**
 * Processes, their memory and their CPU time, as the command `ps` shows them. For systems without
 * the folder `/proc`, such as macOS.
 *
 * @module
 */

/** The memory and the CPU time of processes. */
export interface TreeUsage {
  /** The resident memory in bytes. */
  readonly memory: number;
  /** The part of the memory that the descendants have. */
  readonly children: number;
  /** The CPU time in milliseconds. */
  readonly cpu: number;
}

/** A line of `ps`. */
interface PsRow {
  readonly parent: number;
  readonly memory: number;
  readonly cpu: number;
}

// All workers are sampled one after another, and one table serves them all.
const KEPT_MS = 100;

let last = { at: -Infinity, rows: new Map<number, PsRow>() };

/** Returns the usage of a process and its descendants; undefined when there is no such process. */
export function usageByPs(pid: number): TreeUsage | undefined {
  const now = performance.now();
  if (now - last.at > KEPT_MS) last = { at: now, rows: parsePs(psText()) };
  return usageIn(last.rows, pid);
}

/** Sums the usage of a process and its descendants. */
export function usageIn(rows: ReadonlyMap<number, PsRow>, pid: number): TreeUsage | undefined {
  const own = rows.get(pid);
  if (!own) return undefined;
  const tree = new Set([pid]);
  // Each round finds one more generation.
  for (let size = 0; size < tree.size;) {
    size = tree.size;
    for (const [id, { parent }] of rows) if (tree.has(parent)) tree.add(id);
  }
  const all = [...tree].map((id) => rows.get(id)!);
  const memory = all.reduce((sum, row) => sum + row.memory, 0);
  return { memory, children: memory - own.memory, cpu: all.reduce((sum, { cpu }) => sum + cpu, 0) };
}

/** Parses the text of `ps -axo pid=,ppid=,rss=,time=`. */
export function parsePs(text: string): Map<number, PsRow> {
  const rows = new Map<number, PsRow>();
  for (const line of text.split("\n")) {
    const [pid, parent, rss, time = ""] = line.trim().split(/\s+/);
    if (time === "") continue;
    rows.set(Number(pid), { parent: Number(parent), memory: Number(rss) * 1024, cpu: msOf(time) });
  }
  return rows;
}

/** Parses a CPU time such as `1-02:03:04` or `3:04.56`. */
function msOf(time: string): number {
  const [, days = "0", rest = "0"] = /^(?:(\d+)-)?(.*)$/.exec(time)!;
  const seconds = rest.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1000);
}

function psText(): string {
  try {
    const { stdout } = new Deno.Command("ps", { args: ["-axo", "pid=,ppid=,rss=,time="] })
      .outputSync();
    return new TextDecoder().decode(stdout);
  } catch {
    return "";
  }
}
