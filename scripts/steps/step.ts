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
  /**
   * True when the step prints while it runs. No other step then runs at the same time, and its
   * findings are repeated after the last step, where they are found without a search.
   */
  readonly isAlone?: boolean | undefined;
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
 * Starts steps in order, runs up to `lanes` of them at the same time, and prints a line for each.
 *
 * A failed step does not stop the others. A step that fails without a failed test counts as one
 * failed test.
 */
export async function runSteps(steps: readonly Step[], lanes: number): Promise<Total> {
  const shared = steps.filter(({ isAlone }) => !isAlone).values();
  const alone = steps.filter(({ isAlone }) => isAlone).values();
  const beside = await Promise.all(Array.from({ length: lanes }, () => runLane(shared)));
  return [...beside, await runLane(alone)].reduce(sum, NOTHING);
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

async function runStep({ name, run, isAlone = false }: Step): Promise<Total> {
  const start = performance.now();
  const { ok, output = "", counts = NOTHING, leftOut = [] } = await run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name} ${ok ? "ok" : "failed"} ${seconds} s`);
  if (!ok && !isAlone && output) console.log(output.trim());
  const findings = !ok && isAlone ? [`${name}:\n${output.trim()}`] : [];
  const failed = ok ? counts.failed : Math.max(counts.failed, 1);
  return { ...counts, failed, findings, leftOut };
}
