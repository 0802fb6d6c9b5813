/**
 * The records of functions and jobs.
 *
 * @module
 */

/** A function as it is sent to clients. */
export interface FunctionWire {
  readonly id: string;
  name: string;
  readonly image: string;
  cpus: number;
  memory: number;
  maximum_concurrency: number;
  timeout: number;
  retry_count: number;
  enabled: boolean;
  auto_start: boolean;
  environment: Readonly<Record<string, string>>;
  status: string;
  readonly namespace: string;
  readonly owner: string;
  readonly creation_date: string;
  modified_date: string;
}

/** A function with the fields that only the server knows. */
export interface FunctionRecord {
  readonly wire: FunctionWire;
  /** The folder of its unpacked bundle. */
  readonly folder: string;
  buildLog: string;
}

/** A job as it is sent to clients. */
export interface JobWire {
  readonly id: string;
  readonly function_id: string;
  args: readonly unknown[];
  kwargs: Readonly<Record<string, unknown>> | null;
  environment: Readonly<Record<string, string>> | null;
  tags: readonly string[];
  status: string;
  readonly creation_date: string;
  last_execution_date: string | null;
  last_completion_date: string | null;
  runtime: number | null;
  execution_count: number | null;
  exit_code: number | null;
  error_reason: string | null;
  statistics: unknown;
}

/** A job with the fields that only the server knows. */
export interface JobRecord {
  readonly wire: JobWire;
  /** The environment of the function when the job was created. */
  readonly inherited: Readonly<Record<string, string>>;
  /** The log lines of all executions of the job. */
  readonly log: { readonly date: string; readonly log: string }[];
  /** The number of executions since the job's creation or its last rerun. */
  tries: number;
  /** Ends its process. */
  kill?: (() => void) | undefined;
}
