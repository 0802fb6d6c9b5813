/**
 * Functions and jobs as the server keeps them.
 *
 * @module
 */

/** A function, as it goes over the wire. */
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

/** A function, and what the server alone knows of it. */
export interface FunctionRecord {
  readonly wire: FunctionWire;
  /** Where its bundle lies unpacked. */
  readonly folder: string;
  buildLog: string;
}

/** A job, as it goes over the wire. */
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

/** A job, and what the server alone knows of it. */
export interface JobRecord {
  readonly wire: JobWire;
  /** What the function's environment was when the job was made. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Lines of all its executions. */
  readonly log: { readonly date: string; readonly log: string }[];
  /** Executions since it was made or run again by hand. */
  tries: number;
  /** Ends what runs. */
  kill?: (() => void) | undefined;
}
