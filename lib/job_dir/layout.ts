/**
 * Names of a job's folder and of the files in it.
 *
 * @module
 */

/** Where jobs lie in a folder. */
export const STORE = ".dl_jobs";
