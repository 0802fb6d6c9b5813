/**
 * The steps of a check: how one runs, what it reports, and how several run side by side.
 *
 * @module
 */

/** The end of a step. */
export interface Outcome {
  /** True when the step found nothing wrong. */
  readonly ok: boolean;
  /** The text to print, unless the step has printed it already. */
  readonly output?: string | undefined;
  /** The counts of the tests that the step ran. */
  readonly counts?: Counts | undefined;
  /** The reasons for which tests were skipped, one for each test. */
  readonly leftOut?: readonly string[] | undefined;
}

/** The numbers of tests by their ends. */
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
  /** True when the step prints as it runs, so that no other step runs beside it. */
  readonly isAlone?: boolean | undefined;
}

/** The ends of all steps. */
export interface Total extends Counts {
  /** The reasons for which tests were skipped, one for each test. */
  readonly leftOut: readonly string[];
}

const NOTHING: Total = { passed: 0, failed: 0, skipped: 0, leftOut: [] };

/**
 * Runs steps in their order, up to `lanes` of them at a time, and prints a line for each.
 *
 * A failed step stops no other. It counts as one failed test when it has run no test that failed.
 */
export async function runSteps(steps: readonly Step[], lanes: number): Promise<Total> {
  const shared = steps.filter(({ isAlone }) => !isAlone).values();
  const alone = steps.filter(({ isAlone }) => isAlone).values();
  const beside = await Promise.all(Array.from({ length: lanes }, () => runLane(shared)));
  return [...beside, await runLane(alone)].reduce(sum, NOTHING);
}

/** Runs steps one by one. Lanes that share an iterator share its steps. */
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
    leftOut: [...a.leftOut, ...b.leftOut],
  };
}

async function runStep({ name, run }: Step): Promise<Total> {
  const start = performance.now();
  const { ok, output, counts = NOTHING, leftOut = [] } = await run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name} ${ok ? "ok" : "failed"} ${seconds} s`);
  if (!ok && output) console.log(output.trim());
  const failed = ok ? counts.failed : Math.max(counts.failed, 1);
  return { ...counts, failed, leftOut };
}
