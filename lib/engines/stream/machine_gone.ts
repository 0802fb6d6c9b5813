/**
 * The error of a place whose machine is gone.
 *
 * @module
 */

/** A machine that does not come back. Another one may take its place. */
export class MachineGone extends Error {
  /**
   * Creates the error.
   *
   * @param message the reason
   * @param isOom true when the tasks used more memory than the machine has
   */
  constructor(message: string, readonly isOom = false) {
    super(message);
  }
}
