/**
 * The pages for contributors: the files and the names in them exist.
 *
 * @module
 */

import { anchorOf } from "../../../scripts/reference/page.ts";
import { ROOT } from "../../../scripts/steps/deno.ts";
import { walk } from "../../support/jobs.ts";
import { assertEquals } from "../../support/assert.ts";

const PAGES = ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"];
const FOLDERS = ["lib", "repl", "python", "examples", "tests", "tools", "bench", "scripts", "docs"];
/** Paths that are made when a job runs, or on another machine. */
const MADE = /^(\.dl_jobs|dist|files|head\.sh|~|bundle\.)/;

const files = [
  ...Array.from(Deno.readDirSync(ROOT), ({ name }) => name),
  ...FOLDERS.flatMap((folder) => walk(`${ROOT}/${folder}`)).map((path) =>
    path.slice(ROOT.length + 1)
  ),
];
const folders = new Set(files.flatMap((path) => {
  const parts = path.split("/");
  return parts.map((_, end) => `${parts.slice(0, end).join("/")}/`);
}));

for (const page of PAGES) {
  const text = await Deno.readTextFile(`${ROOT}/${page}`);

  Deno.test(`${page}: each file and folder in it exists`, () => {
    const names = [...text.matchAll(/`([\w.*/-]+)`/g)].map(([, name]) => name!)
      .filter((name) => /\.(ts|py)$|\/.*\/$/.test(name) && !MADE.test(name));
    const known = [...files, ...folders].map((path) => `/${path}`);
    assertEquals(names.filter((name) => !known.some((path) => path.endsWith(`/${name}`))), []);
  });

  Deno.test(`${page}: each name in a table of files is in its file`, () => {
    const rows = [...text.matchAll(/^\| `(lib\/[\w/.]+\.ts)` +\| (.*)\|$/gm)];
    const missing = rows.flatMap(([, path = "", step = ""]) => {
      const code = Deno.readTextFileSync(`${ROOT}/${path}`);
      return [...step.matchAll(/`([#\w[\].]+)`/g)].map(([, name]) => name!)
        .filter((name) => !name.endsWith(".ndjson") && !code.includes(name))
        .map((name) => `${path}: ${name}`);
    });
    assertEquals(missing, []);
  });

  Deno.test(`${page}: each link leads to a file or a heading`, () => {
    const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)#]*)#?([^)]*)\)/g)];
    const broken = links.filter(([, path, anchor]) => {
      const target = path ? `${ROOT}/${path}` : `${ROOT}/${page}`;
      if (path && !files.includes(path)) return true;
      if (!anchor) return false;
      const headings = [...Deno.readTextFileSync(target).matchAll(/^#+ (.*)$/gm)];
      return !headings.some(([, heading]) => anchorOf(heading!) === anchor);
    });
    assertEquals(broken.map(([link]) => link), []);
  });
}
