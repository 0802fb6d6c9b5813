/**
 * Markdown to HTML.
 *
 * @module
 * @see https://github.com/markdown-it/markdown-it
 */

import { dirname, join, relative } from "node:path/posix";
import MarkdownIt from "npm:markdown-it@15.0.3";
import { anchorOf } from "../../scripts/reference/page.ts";
import { siteOf, type SourcePage } from "./pages.ts";

/** A heading of a page. */
export interface Heading {
  readonly level: number;
  readonly text: string;
  /** The anchor, as in a link. */
  readonly id: string;
}

/** A page as HTML. */
export interface Rendered {
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
}

/** Renders a page. Links to other pages and pictures lead to their paths in the site. */
export function renderPage(page: SourcePage): Rendered {
  const markdown = new MarkdownIt({ html: true, linkify: false });
  const tokens = markdown.parse(page.text, {}), headings: Heading[] = [];
  const ids = new Map<string, number>();
  for (const [i, token] of tokens.entries()) {
    if (token.type === "heading_open") {
      const text = plainText(tokens[i + 1]!.children ?? []);
      const id = uniqueId(anchorOf(text), ids);
      token.attrSet("id", id);
      headings.push({ level: Number(token.tag.slice(1)), text, id });
    }
    for (const child of token.children ?? []) {
      const name = child.type === "image" ? "src" : "href", link = child.attrGet(name);
      if (link) child.attrSet(name, siteLink(String(link), page));
    }
  }
  const html = markdown.renderer.render(tokens, markdown.options, {});
  // A wide table scrolls in its own box, so the page does not.
  const boxed = html.replaceAll("<table>", '<div class="table" tabindex="0"><table>')
    .replaceAll("</table>", "</table></div>").replaceAll("<pre>", '<pre tabindex="0">');
  return { title: headings[0]?.text ?? page.from, html: boxed, headings };
}

/** Returns the part of a piece of Markdown that is shown as text. */
function plainText(children: readonly { readonly type: string; readonly content: string }[]) {
  return children.filter(({ type }) => type === "text" || type === "code_inline")
    .map(({ content }) => content).join("");
}

function uniqueId(id: string, used: Map<string, number>): string {
  const count = used.get(id) ?? 0;
  used.set(id, count + 1);
  return count === 0 ? id : `${id}-${count}`;
}

/** The source of files that are not pages. */
const SOURCE = "https://github.com/wri/dl_jobs/blob/main/";

function siteLink(link: string, page: SourcePage): string {
  if (/^([a-z]+:|#)/.test(link)) return link;
  const [path = "", anchor] = link.split("#");
  const target = join(dirname(page.from), path);
  const hash = anchor === undefined ? "" : `#${anchor}`;
  const isPage = target.endsWith(".md") && !target.startsWith("python/");
  const isPicture = target.startsWith("docs/") && !target.endsWith(".md");
  if (!isPage && !isPicture) return `${SOURCE}${target}`;
  const to = isPage ? siteOf(target) : target.slice("docs/".length);
  return `${relative(dirname(page.to), to)}${hash}`;
}
