/**
 * The options of tools that play rounds of jobs at random.
 *
 * @module
 */

/** Options of a series of rounds. */
export interface RoundsOptions {
  /** The number of rounds, each with jobs of its own. */
  readonly rounds: number;
  /** The number of tasks of each job. */
  readonly tasks: number;
  /** The seed of all that is random in them. */
  readonly seed: number;
}
