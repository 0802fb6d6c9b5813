/** The check of a page by axe. @module */

import axe from "npm:axe-core@4.14.1";
import type { Page } from "../../tools/support/browser.ts";
import { assertEquals } from "../support/assert.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Asserts that axe finds no violation of the WCAG, levels A and AA, in light and dark. */
export async function check(page: Page, where: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(axe.source);
    const found = await page.evaluate(
      `axe.run({ runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) =>
        violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 200))]))`,
    );
    assertEquals({ where, colorScheme, found }, { where, colorScheme, found: [] });
  }
}
