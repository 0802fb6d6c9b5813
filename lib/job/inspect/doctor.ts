/**
 * Checks what works on this machine, for each engine and for functions in other languages.
 *
 * @module
 */

import { storeOf } from "../../job_dir/layout.ts";
import { cutText } from "../../terminal/text_width.ts";
import { sendSignal } from "../../util/process/send_signal.ts";
import { formatDuration } from "../../util/time/duration.ts";
import { valueWithin } from "../../util/time/value_within.ts";
import { exists } from "../../util/files/fs.ts";
import { tryLock } from "../../util/files/optional_calls.ts";
import { ProcessTree } from "../../util/process/process_tree.ts";
import { shellWord } from "../../util/shell.ts";
import { checkTrusted } from "../../util/files/trust.ts";
import { isOnPath } from "../../worker/command/find_program.ts";

/** The outcome of a check. */
export interface DoctorFinding {
  /** The engine, or another part: `folder`, `python`, `sandbox`. */
  readonly part: string;
  /** True when the part works. */
  readonly isReady: boolean;
  /** The state, or the reason why the part does not work. */
  readonly text: string;
  /** The command, or the step, that mends it. */
  readonly mend?: string | undefined;
}

/** A check, whose programs have a limited time, in milliseconds. */
type Check = (limit: number) => Promise<Omit<DoctorFinding, "part">>;

/** The checks by part. */
const CHECKS: Readonly<Record<string, Check>> = {
  folder: checkFolder,
  inline: () => Promise.resolve(ready(`Deno ${Deno.version.deno}`)),
  local: checkLocal,
  python: checkPython,
  sandbox: checkSandbox,
  ssh: (limit) =>
    checkPrograms({
      names: ["ssh"],
      call: ["ssh", "-V"],
      missing: "apt install openssh-client",
      failed: "apt install --reinstall openssh-client",
    }, limit),
  slurm: (limit) =>
    checkPrograms({
      names: ["sbatch", "squeue", "scancel", "sacct"],
      call: ["sinfo", "-h"],
      missing: CLUSTER,
      failed: `${CLUSTER}, where scontrol ping shows whether Slurm's controller answers`,
    }, limit),
  kubernetes: checkKubernetes,
  compute: checkCompute,
};

/** The parts that a check can be asked for. */
export const DOCTOR_PARTS: readonly string[] = Object.keys(CHECKS);

const CLUSTER = "run dl_jobs on a login node of the cluster";
const CONTEXT = "kubectl config use-context NAME, a NAME of kubectl config get-contexts";
// A program that waits for a network must not hold up the others.
const LIMIT_MS = 15_000, MOST_LETTERS = 160;

/**
 * Checks some parts of this machine.
 *
 * @param parts the names of the parts
 * @param limit the longest wait for a program, in milliseconds. @default {15 s}
 */
export async function examine(
  parts: readonly string[],
  limit = LIMIT_MS,
): Promise<DoctorFinding[]> {
  return await Promise.all(parts.map(async (part) => {
    try {
      return { part, ...await CHECKS[part]!(limit) };
    } catch (error) {
      return { part, ...broken((error as Error).message) };
    }
  }));
}

function ready(text: string): Omit<DoctorFinding, "part"> {
  return { isReady: true, text };
}

function broken(text: string, mend?: string): Omit<DoctorFinding, "part"> {
  return { isReady: false, text: cutText(text.trim().split("\n")[0]!, MOST_LETTERS), mend };
}

/** Checks that jobs can be written here, and that only one process at a time can write them. */
async function checkFolder(): ReturnType<Check> {
  const cwd = Deno.cwd(), store = storeOf(cwd);
  if (exists(store)) checkTrusted(store);
  let path: string;
  try {
    path = await Deno.makeTempFile({ dir: exists(store) ? store : cwd, prefix: ".doctor_" });
  } catch (error) {
    return broken(
      (error as Error).message,
      `chmod u+w ${shellWord(cwd)}, or work in another folder`,
    );
  }
  using file = await Deno.open(path, { write: true });
  const isLocked = tryLock(file) === true;
  await Deno.remove(path);
  if (isLocked) return ready(cwd);
  return ready(`${cwd}, which has no locks: one machine at a time may run a job`);
}

async function checkLocal(limit: number): ReturnType<Check> {
  const { code, text } = await outputOf([Deno.execPath(), "eval", "1"], limit);
  if (code !== 0) return broken(`a worker process does not start: ${text}`, "deno upgrade --force");
  const { availableGpus } = await import("../../engines/local/gpus.ts"), gpus = availableGpus();
  return ready(`${navigator.hardwareConcurrency} CPUs, ${gpus} GPUs`);
}

const LEAST_PYTHON = [3, 8] as const;

async function checkPython(limit: number): ReturnType<Check> {
  const mend = "apt install python3, or set --python to an interpreter";
  if (!isOnPath("python3")) return broken("no folder of PATH has python3", mend);
  const { code, text } = await outputOf(["python3", "--version"], limit);
  if (code !== 0) return broken(text, mend);
  const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(text)?.map(Number) ?? [];
  const [least, leastMinor] = LEAST_PYTHON;
  const isNew = major > least || (major === least && minor >= leastMinor);
  return isNew ? ready(text) : broken(`${text} is older than 3.8`, mend);
}

async function checkSandbox(): ReturnType<Check> {
  if (!isOnPath("bwrap")) return broken("no folder of PATH has bwrap", "apt install bubblewrap");
  const { whyNoBwrap } = await import("../../worker/bwrap.ts"), why = await whyNoBwrap();
  if (why === undefined) return ready("bwrap");
  return broken(why, await userSpaces() ?? "apt install --reinstall bubblewrap");
}

/** Settings of kernels with which users have no namespaces, and the value that allows them. */
const SPACES = [
  ["kernel/unprivileged_userns_clone", "0", "1"],
  ["kernel/apparmor_restrict_unprivileged_userns", "1", "0"],
  ["user/max_user_namespaces", "0", "10000"],
] as const;

/** Returns the command that allows namespaces of users, if the kernel forbids them. */
async function userSpaces(): Promise<string | undefined> {
  for (const [name, closed, open] of SPACES) {
    const value = await Deno.readTextFile(`/proc/sys/${name}`).catch(() => "");
    if (value.trim() === closed) return `sysctl -w ${name.replace("/", ".")}=${open}`;
  }
  return undefined;
}

async function checkKubernetes(limit: number): ReturnType<Check> {
  const found = await checkPrograms({
    names: ["kubectl"],
    call: ["kubectl", "auth", "can-i", "create", "jobs"],
    missing: `apt install kubernetes-client, then ${CONTEXT}`,
    failed: CONTEXT,
  }, limit);
  // This is the whole answer of a cluster that can be reached.
  if (found.isReady || found.text !== "no") return found;
  return broken(
    "the cluster does not let you create jobs",
    "kubectl create rolebinding dl-jobs --clusterrole=edit --user=NAME, as its administrator",
  );
}

/** The programs that an engine calls. */
interface Programs {
  readonly names: readonly string[];
  /** The call that must succeed. */
  readonly call: readonly string[];
  /** The step that mends a program that is missing. */
  readonly missing: string;
  /** The step that mends a call that fails. */
  readonly failed: string;
}

/** Checks that programs are on the PATH, and that a call of one succeeds. */
async function checkPrograms(
  { names, call, missing, failed }: Programs,
  limit: number,
): ReturnType<Check> {
  const others = names.filter((name) => !isOnPath(name));
  if (others.length > 0) return broken(`no folder of PATH has ${others.join(", ")}`, missing);
  const { code, text } = await outputOf(call, limit);
  return code === 0 ? ready(text || names.join(", ")) : broken(text, failed);
}

async function checkCompute(): ReturnType<Check> {
  const { findCredentials } = await import("../../engines/compute/credentials.ts");
  try {
    await findCredentials(Deno.env.toObject());
    return ready("credentials found; dl_jobs test 1 --engine compute tries them");
  } catch (error) {
    return broken(
      (error as Error).message,
      "pip install earthdaily-earthone, then earthone auth login; or set EARTHONE_CLIENT_ID and " +
        "EARTHONE_CLIENT_SECRET",
    );
  }
}

/** Runs a program, and returns the first line that it prints, or the last one if it fails. */
async function outputOf(
  [name, ...args]: readonly string[],
  limit: number,
): Promise<{ code: number; text: string }> {
  const pipes = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  try {
    const process = new Deno.Command(name!, { args, ...pipes }).spawn();
    const found = await outputWithin(process, limit);
    if (!found) {
      return { code: 1, text: `${name} did not answer within ${formatDuration(limit)}` };
    }
    const { code, stdout, stderr } = found;
    const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("").trim();
    // The reason of a failure comes last, after what was tried.
    return { code, text: text.split("\n").at(code === 0 ? 0 : -1)! };
  } catch (error) {
    return { code: 1, text: (error as Error).message };
  }
}

/** Returns the output of a program, or ends it, with the programs that keep its pipes open. */
async function outputWithin(
  process: Deno.ChildProcess,
  limit: number,
): Promise<Deno.CommandOutput | undefined> {
  const tree = new ProcessTree(process.pid), output = process.output();
  const found = await valueWithin(output, limit);
  if (!found) {
    tree.kill();
    sendSignal(process, "SIGKILL");
    process.unref();
  }
  return found;
}
