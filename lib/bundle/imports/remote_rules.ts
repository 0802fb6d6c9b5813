/**
 * The rules for imports in modules from the network.
 *
 * The program runs from a local file, where Deno's own rules for such modules no longer apply, so
 * the bundler applies them. An import is judged by the address that it resolves to, and no import
 * may reach a local file.
 *
 * @module
 */

import { isRemote } from "../../util/remote.ts";
import { CODE } from "../modules/addresses.ts";
import type { NameResolver } from "../modules/import_map.ts";

/** An import in a module from the network. */
export interface RemoteImport {
  /** The specifier, as written in the module. */
  readonly path: string;
  /** The URL of the module. */
  readonly importer: string;
  /** The import attributes, such as `type`. */
  readonly with: Readonly<Record<string, string>>;
}

/** The decision on an import. One of its fields is set. */
export interface ImportRuling {
  /** The URL of a module that the program includes. */
  readonly included?: string | undefined;
  /** The URL of a module that the program imports when it runs, with the job's permissions. */
  readonly external?: string | undefined;
  /** The reason why the import fails. */
  readonly refused?: string | undefined;
}

/**
 * Decides on an import in a module from the network.
 *
 * @param mapped resolves a bare name with the user's import map
 *
 * @example
 * ```ts
 * import { judge } from "./remote_rules.ts";
 *
 * const importer = "https://example.org/tiles.ts";
 * const { included } = judge({ path: "./a.ts", importer, with: {} }, () => undefined);
 * if (included !== "https://example.org/a.ts") throw new Error(included);
 * ```
 */
export function judge(
  { path, importer, with: attributes }: RemoteImport,
  mapped: NameResolver,
): ImportRuling {
  const href = resolve(path, importer) ?? mapped(path, importer);
  const url = href === undefined ? null : URL.parse(href);
  if (!url) return { refused: `Could not resolve "${path}"` };
  if (!isRemote(url.href)) return judgeScheme(url);
  if (isDowngrade(importer, url.href)) {
    return { refused: `A module from https cannot import "${url.href}": its host is not verified` };
  }
  const isOwn = !isRemote(path) && url.origin === new URL(importer).origin;
  const isCode = CODE.test(url.pathname) && attributes.type === undefined;
  return isOwn && isCode ? { included: url.href } : { external: url.href };
}

/** Resolves a path or a URL. Returns `undefined` for a bare name. */
function resolve(path: string, importer: string): string | undefined {
  // The URL parser ignores spaces and control characters at the start.
  const isPath = /^[\0-\x20]*[./\\]/.test(path);
  return URL.parse(path, isPath ? importer : undefined)?.href;
}

function judgeScheme({ protocol, href }: URL): ImportRuling {
  if (["npm:", "jsr:", "node:"].includes(protocol)) return { external: href };
  const kind = protocol === "file:" ? "the local file " : "";
  return { refused: `A module from the network cannot import ${kind}"${href.slice(0, 200)}"` };
}

/** Returns the reason why a redirect is refused; `undefined` when it is permitted. */
export function judgeRedirect(from: string, to: string): string | undefined {
  if (isRemote(to) && !isDowngrade(from, to)) return undefined;
  return `${from} redirects to "${to}": a module from the network cannot redirect there`;
}

function isDowngrade(from: string, to: string): boolean {
  return from.startsWith("https:") && to.startsWith("http:");
}
