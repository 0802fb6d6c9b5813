/**
 * Options of the server.
 *
 * @module
 */

/** How the server behaves. */
export interface ServerOptions {
  /**
   * The port to listen on; 0 takes a free one.
   *
   * @default {0}
   */
  readonly port?: number;
  /** Where bundles and what jobs write lie; a folder for the time being when not given. */
  readonly dir?: string;
  /**
   * How many jobs run at once, of all functions.
   *
   * @default {2}
   */
  readonly slots?: number;
  /**
   * The least that a build takes, in milliseconds.
   *
   * @default {50}
   */
  readonly buildMs?: number;
  /**
   * How long a job that runs stays in `cancel` and then in `canceling`, in milliseconds each.
   *
   * @default {20}
   */
  readonly cancelMs?: number;
  /**
   * How long a token is good, in milliseconds.
   *
   * @default {3_600_000}
   */
  readonly tokenMs?: number;
  /**
   * Which name the token has in the answer.
   *
   * @default {"id_token"}
   */
  readonly tokenField?: "id_token" | "access_token";
  /**
   * How long an address of the object store is good, in milliseconds.
   *
   * @default {3_600_000}
   */
  readonly addressMs?: number;
  /**
   * The most bytes that a job may return.
   *
   * @default {1_000_000}
   */
  readonly maxResult?: number;
  /**
   * What happens to a requirement that is not `deno`: the build goes on without it, or fails.
   *
   * @default {"skip"}
   */
  readonly requirements?: "skip" | "fail";
  /** Variables for the children, besides those that the server gives them. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What the random numbers of faults start from.
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

/** What has happened so far. */
export interface Counts {
  functions: number;
  uploads: number;
  jobs: number;
  executions: number;
}
