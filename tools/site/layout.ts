/**
 * The HTML around a page.
 *
 * @module
 */

import { dirname, relative } from "node:path/posix";
import { escapeHtml } from "../../lib/util/text/escape_html.ts";
import type { Heading, Rendered } from "./markdown.ts";
import type { NavigationPart } from "./navigation.ts";
import type { SourcePage } from "./pages.ts";

/** Returns a page of the site. */
export function layout(
  page: SourcePage,
  { title, html, headings }: Rendered,
  navigation: readonly NavigationPart[],
): string {
  const to = (path: string) => relative(dirname(page.to), path) || path;
  const root = relative(dirname(page.to), "") || ".";
  return `<!doctype html>
<html lang="en" data-root="${root}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title === "dl_jobs: the pages" ? "dl_jobs" : `${title} - dl_jobs`)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${to("style.css")}">
<script src="${to("search.js")}" defer></script>
<script src="${to("site.js")}" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<a class="home" href="${to("index.html")}">dl_jobs</a>
<div class="search">
<input type="search" placeholder="Search" aria-label="Search the documentation" aria-controls="found" autocomplete="off">
<div id="found" role="region" aria-label="Search results" hidden></div>
</div>
<a href="${to("api/index.html")}">API</a>
</header>
<div class="columns">
<nav aria-label="Pages">
<details open><summary>Pages</summary>
${navigation.map((part) => navigationPart(part, page, to)).join("\n")}
</details>
</nav>
<main id="content">
${html}
</main>
${contents(headings)}
</div>
</body>
</html>
`;
}

function navigationPart(
  { title, links }: NavigationPart,
  page: SourcePage,
  to: (path: string) => string,
): string {
  const items = links.map((link) => {
    const current = link.to === page.to ? ' aria-current="page"' : "";
    return `<li><a href="${to(link.to)}"${current}>${escapeHtml(link.text)}</a></li>`;
  });
  return `<h2>${escapeHtml(title)}</h2>\n<ul>\n${items.join("\n")}\n</ul>`;
}

/** Returns the table of contents, for a page with several headings. */
function contents(headings: readonly Heading[]): string {
  const shown = headings.filter(({ level }) => level === 2);
  if (shown.length < 2) return "";
  const items = shown.map(({ id, text }) => `<li><a href="#${id}">${escapeHtml(text)}</a></li>`);
  return `<aside aria-label="On this page"><h2>On this page</h2><ul>${items.join("")}</ul></aside>`;
}
