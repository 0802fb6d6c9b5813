/**
 * Options of the server.
 *
 * @module
 */

/** Options of the server. */
export interface ServerOptions {
  /**
   * The port to listen on. 0 chooses a free port.
   *
   * @default {0}
   */
  readonly port?: number;
  /** The folder of bundles and of the files of jobs. A temporary folder when absent. */
  readonly dir?: string | undefined;
  /**
   * The maximum number of jobs, of all functions together, that run at the same time.
   *
   * @default {2}
   */
  readonly slots?: number;
  /**
   * The minimum duration of a build, in milliseconds.
   *
   * @default {50}
   */
  readonly buildMs?: number;
  /**
   * The time that a canceled job stays in `cancel`, and then in `canceling`, in milliseconds.
   *
   * @default {20}
   */
  readonly cancelMs?: number;
  /**
   * The lifetime of a token, in milliseconds.
   *
   * @default {3_600_000}
   */
  readonly tokenMs?: number;
  /**
   * The name of the token's field in the answer of the token endpoint.
   *
   * @default {"id_token"}
   */
  readonly tokenField?: "id_token" | "access_token";
  /**
   * The lifetime of a signed address, in milliseconds.
   *
   * @default {3_600_000}
   */
  readonly addressMs?: number;
  /**
   * The treatment of requirements other than `deno`: the build skips them, or fails.
   *
   * @default {"skip"}
   */
  readonly requirements?: "skip" | "fail";
  /** Variables for child processes, added to those of the server. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * The seed of the random numbers of faults.
   *
   * @default {1}
   */
  readonly seed?: number;
  /**
   * The clock of tokens, addresses and dates.
   *
   * @default {Date.now}
   */
  readonly now?: () => number;
}

/** Counters of the server's work. */
export interface Counts {
  functions: number;
  uploads: number;
  jobs: number;
  executions: number;
}
