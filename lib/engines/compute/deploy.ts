/**
 * The platform's function that runs a job's tasks. Jobs with the same code share a function.
 *
 * @module
 */

import { shortHash } from "../../bundle/modules/hash.ts";
import { concatBytes } from "../../util/bytes/bytes.ts";
import { UsageError } from "../../util/errors.ts";
import { PRIVATE_FILE, readIfThere } from "../../util/files/fs.ts";
import type { EngineContext } from "../engine.ts";
import { LostAnswer } from "./http.ts";
import type { ComputeSettings } from "./options.ts";
import type { Platform } from "./platform.ts";
import type { FunctionFields, PlatformFunction, ResultSource } from "./records.ts";
import { ship } from "./ship.ts";
import { submissionsOf } from "./submission.ts";

/** A function that jobs can call. */
export type DeployedFunction = PlatformFunction & ResultSource;

/** A function to create. */
export interface Deployment {
  /** The name, the resources and the limits of the function. */
  readonly fields: FunctionFields;
  /** The code of the function. */
  readonly zip: Uint8Array<ArrayBuffer>;
  /** The path of a file that records the new function's id, for a later controller of the job. */
  readonly note: string;
}

/**
 * Packs the code of a job, and names the function by a hash of the code, the image and the machine
 * size.
 *
 * @returns the function to create, the paths of its files, and warnings for the user.
 * @throws {UsageError} on modules, requirements or data that cannot be packed.
 */
export async function prepare(
  context: EngineContext,
  settings: ComputeSettings,
): Promise<{ deployment: Deployment; names: readonly string[]; warnings: readonly string[] }> {
  const { zip, names, warnings } = await ship(context, settings.deno);
  const { image, cpus, memory, maximumConcurrency, timeout, retryCount } = settings;
  const fields = {
    image,
    cpus,
    memory,
    timeout,
    maximum_concurrency: maximumConcurrency,
    retry_count: retryCount,
  };
  // A change to these fields requires another build, so they are part of the hash.
  const words = new TextEncoder().encode(JSON.stringify({ image, cpus, memory }));
  const hash = await shortHash(concatBytes([zip, words]) as Uint8Array<ArrayBuffer>);
  const name = `dl_jobs-${hash}`;
  const note = `${submissionsOf(context.folder).folder}/function`;
  return { deployment: { fields: { name, ...fields }, zip, note }, names, warnings };
}

// The age up to which a function without code may belong to a controller that is still uploading.
const ABANDONED_MS = 600_000;
const MAX_TRIES = 5;

/**
 * Finds the function of a deployment by its name, or creates it.
 *
 * @returns the function, which the platform may still be building.
 * @throws {UsageError} when the platform does not tell where it stores the function's results.
 */
export async function deploy(
  platform: Platform,
  deployment: Deployment,
): Promise<DeployedFunction> {
  const made = await findOrCreate(platform, deployment);
  const namespace = made.namespace || await platform.namespaceOf(made.id);
  if (namespace) return { ...made, namespace };
  throw new UsageError(
    `Cannot run on the platform: it does not name the owner of the function ${made.id}, ` +
      "whose results could not be found; try again later",
  );
}

async function findOrCreate(
  platform: Platform,
  deployment: Deployment,
): Promise<PlatformFunction> {
  const { fields, note } = deployment;
  const found = await platform.functionsNamed(fields.name);
  const usable = found.find(({ status }) => ["ready", "building", "stopped"].includes(status));
  const own = readIfThere(note);
  for (const one of found) if (isUseless(one, own)) await platform.deleteFunction(one.id);
  if (!usable) return await createAndUpload(platform, deployment);
  const changes = changesOf(usable, fields);
  if (Object.keys(changes).length > 0) await platform.changeFunction(usable.id, changes);
  return usable;
}

/** Returns the changed values of fields that do not require another build. */
function changesOf(found: PlatformFunction, fields: FunctionFields): Partial<PlatformFunction> {
  const names = ["maximum_concurrency", "timeout", "retry_count"] as const;
  const changed: [string, unknown][] = names.filter((name) => found[name] !== fields[name])
    .map((name) => [name, fields[name]]);
  if (found.status === "stopped") changed.push(["status", "ready"]);
  return Object.fromEntries(changed);
}

function isUseless({ id, status, creation_date }: PlatformFunction, own: string): boolean {
  if (status === "build_failed") return true;
  if (status !== "awaiting_bundle") return false;
  return id === own || Date.now() - timeOf(creation_date) > ABANDONED_MS;
}

/** Parses a date from the platform. A date without a time zone is in UTC. */
function timeOf(date: string): number {
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(date) ? date : `${date}Z`);
}

async function createAndUpload(
  platform: Platform,
  { fields, zip, note }: Deployment,
): Promise<PlatformFunction> {
  await platform.giveCredentials();
  const { function: { id }, bundle_upload_url } = await create(platform, fields);
  await Deno.writeTextFile(note, id, { mode: PRIVATE_FILE });
  return await platform.upload(id, bundle_upload_url, zip);
}

/**
 * Creates a function without code. Only the response contains the upload address. After a lost
 * response, the function is deleted and created again.
 */
async function create(
  platform: Platform,
  fields: FunctionFields,
): ReturnType<Platform["createFunction"]> {
  const before = new Set((await platform.functionsNamed(fields.name)).map(({ id }) => id));
  for (let tries = 1;; tries++) {
    try {
      return await platform.createFunction(fields);
    } catch (error) {
      if (!(error instanceof LostAnswer) || tries === MAX_TRIES) throw error;
      for (const { id, status } of await platform.functionsNamed(fields.name)) {
        if (status === "awaiting_bundle" && !before.has(id)) await platform.deleteFunction(id);
      }
    }
  }
}

/**
 * Returns the status of a function; `undefined` when it was removed.
 *
 * @throws {UsageError} when the build has failed. The message contains the end of the build log.
 */
export async function checkBuild(
  platform: Platform,
  id: string,
): Promise<PlatformFunction["status"] | undefined> {
  const found = await platform.function(id);
  if (found?.status !== "build_failed") return found?.status;
  const log = (await platform.buildLog(id)).trim().split("\n").slice(-10).join("\n");
  throw new UsageError(
    `Cannot run on the platform: the build of ${found.name} failed, check the requirements\n${log}`,
  );
}
