/**
 * The navigation of the site: the headings and links of docs/README.md.
 *
 * @module
 */

import { dirname, join } from "node:path/posix";
import { INDEX, siteOf, type SourcePage } from "./pages.ts";

/** A part of the navigation, with a title. */
export interface NavigationPart {
  readonly title: string;
  readonly links: readonly NavigationLink[];
}

/** A link of the navigation. */
export interface NavigationLink {
  readonly text: string;
  /** The path of the page in the site. */
  readonly to: string;
}

/** Reads the parts from the front page, in its order. */
export function readNavigation(pages: readonly SourcePage[]): NavigationPart[] {
  const { text } = pages.find(({ from }) => from === INDEX)!;
  const parts = text.split(/^## /m).slice(1).map((part) => ({
    title: part.split("\n", 1)[0]!,
    links: [...part.matchAll(/\[([^\]]+)\]\(([^)#]+\.md)\)/g)].map(([, label, path]) => ({
      text: label!.replace(/\s+/g, " "),
      to: siteOf(join(dirname(INDEX), path!)),
    })),
  }));
  return parts.filter(({ links }) => links.length > 0);
}
