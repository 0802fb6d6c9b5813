/**
 * A request to a service that limits requests.
 *
 * @module
 */

import { checkRate } from "dl_jobs";

/** The task method: returns the JSON at a URL. */
export async function height(url: string): Promise<unknown> {
  const response = checkRate(await fetch(url));
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return await response.json();
}
