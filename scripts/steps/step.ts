/**
 * The steps of a check, and the function that runs several steps in parallel.
 *
 * @module
 */

/** The outcome of a step. */
export interface Outcome {
  /** True when the step found nothing wrong. */
  readonly ok: boolean;
  /** The findings of the step, printed when it fails. */
  readonly output?: string | undefined;
  /** The counts of the tests that the step ran. */
  readonly counts?: Counts | undefined;
  /** The reasons for skips, one for each skipped test. */
  readonly leftOut?: readonly string[] | undefined;
}

/** The numbers of tests by outcome. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One check with its name. */
export interface Step {
  readonly name: string;
  /** Runs the check. */
  readonly run: () => Promise<Outcome>;
  /** True when the findings are printed after the last step, where they are found without a search. */
  readonly isSlow?: boolean | undefined;
}

/** The steps of a command. */
export interface Plan {
  /** The steps that run first, in any order. */
  readonly quick: readonly Step[];
  /** The steps that run after these, in any order. */
  readonly slow: readonly Step[];
  /** The slow steps of which two never run at the same time. */
  readonly single?: readonly Step[] | undefined;
}

/** The combined outcome of all steps. */
export interface Total extends Counts {
  /** The findings to print after the last step. */
  readonly findings: readonly string[];
  /** The reasons for skips, one for each skipped test. */
  readonly leftOut: readonly string[];
}

const NOTHING: Total = { passed: 0, failed: 0, skipped: 0, findings: [], leftOut: [] };

/**
 * Runs the steps of a plan, and prints a line for each. Up to `lanes` steps run at the same time.
 *
 * A failed step does not stop the others. A step that fails without a failed test counts as one
 * failed test.
 */
export async function runSteps(
  { quick, slow, single = [] }: Plan,
  lanes: number,
): Promise<Total> {
  const first = await runLanes(quick, lanes);
  return sum(first, await runLanes(slow, lanes, single));
}

/** Runs steps in lanes. The first lane begins with the single steps, and then takes its share. */
async function runLanes(
  steps: readonly Step[],
  lanes: number,
  single: readonly Step[] = [],
): Promise<Total> {
  const shared = steps.values();
  const totals = await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    const own = await runLane(lane === 0 ? single : []);
    return sum(own, await runLane(shared));
  }));
  return totals.reduce(sum, NOTHING);
}

/** Runs steps one by one. Lanes that share an iterator divide its steps among them. */
async function runLane(steps: Iterable<Step>): Promise<Total> {
  let total = NOTHING;
  for (const step of steps) total = sum(total, await runStep(step));
  return total;
}

function sum(a: Total, b: Total): Total {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    findings: [...a.findings, ...b.findings],
    leftOut: [...a.leftOut, ...b.leftOut],
  };
}

async function runStep({ name, run, isSlow = false }: Step): Promise<Total> {
  const start = performance.now();
  const { ok, output = "", counts = NOTHING, leftOut = [] } = await run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name} ${ok ? "ok" : "failed"} ${seconds} s`);
  if (!ok && !isSlow && output) console.log(output.trim());
  const findings = !ok && isSlow ? [`${name}:\n${output.trim()}`] : [];
  const failed = ok ? counts.failed : Math.max(counts.failed, 1);
  return { ...counts, failed, findings, leftOut };
}
