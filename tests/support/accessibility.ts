/**
 * Checks of accessibility, by axe.
 *
 * @module
 * @see https://www.deque.com/axe/core-documentation/
 */

import type { Page } from "../../tools/support/browser.ts";

/** Returns what axe finds on a page: the rules, each with the elements that break it. */
export async function axeFindings(page: Page): Promise<Record<string, string[]>> {
  const { default: axe } = await import("npm:axe-core@4.14.1");
  await page.evaluate(axe.source);
  // Style sheets of local files cannot be loaded by a script.
  const run = "axe.run(document, { preload: false }).then(({ violations }) => violations)";
  const violations = await page.evaluate(run) as Violation[];
  return Object.fromEntries(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]));
}

/** A rule that a page breaks. */
interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
