/**
 * The page: its script, its styles, and the HTML around them.
 *
 * @module
 */

import { withBundler } from "../bundle/bundler.ts";
import type { Plugin } from "../deps.ts";
import { readModule } from "../util/remote.ts";

/** What a browser is given. */
export interface Page {
  readonly script: string;
  readonly style: string;
}

type Source = () => Promise<{ readonly default: string }>;

/** The page's files as literals: with them, whoever installs the command has the files, too. */
const SOURCES: Readonly<Record<string, Source>> = {
  "lib/compat/timer.ts": () => import("../compat/timer.ts", { with: { type: "text" } }),
  "lib/web/protocol.ts": () => import("./protocol.ts", { with: { type: "text" } }),
  "lib/web/page/chart.tsx": () => import("./page/chart.tsx", { with: { type: "text" } }),
  "lib/web/page/deps.ts": () => import("./page/deps.ts", { with: { type: "text" } }),
  "lib/web/page/failures.tsx": () => import("./page/failures.tsx", { with: { type: "text" } }),
  "lib/web/page/format.ts": () => import("./page/format.ts", { with: { type: "text" } }),
  "lib/web/page/histogram.tsx": () => import("./page/histogram.tsx", { with: { type: "text" } }),
  "lib/web/page/job.tsx": () => import("./page/job.tsx", { with: { type: "text" } }),
  "lib/web/page/jobs.tsx": () => import("./page/jobs.tsx", { with: { type: "text" } }),
  "lib/web/page/land.ts": () => import("./page/land.ts", { with: { type: "text" } }),
  "lib/web/page/logs.tsx": () => import("./page/logs.tsx", { with: { type: "text" } }),
  "lib/web/page/main.tsx": () => import("./page/main.tsx", { with: { type: "text" } }),
  "lib/web/page/map.tsx": () => import("./page/map.tsx", { with: { type: "text" } }),
  "lib/web/page/parts.tsx": () => import("./page/parts.tsx", { with: { type: "text" } }),
  "lib/web/page/places.ts": () => import("./page/places.ts", { with: { type: "text" } }),
  "lib/web/page/plot.tsx": () => import("./page/plot.tsx", { with: { type: "text" } }),
  "lib/web/page/rate.tsx": () => import("./page/rate.tsx", { with: { type: "text" } }),
  "lib/web/page/results.tsx": () => import("./page/results.tsx", { with: { type: "text" } }),
  "lib/web/page/source.ts": () => import("./page/source.ts", { with: { type: "text" } }),
  "lib/web/page/task.tsx": () => import("./page/task.tsx", { with: { type: "text" } }),
  "lib/web/page/timeline.tsx": () => import("./page/timeline.tsx", { with: { type: "text" } }),
};
const STYLE: Source = () => import("./page/page.css", { with: { type: "text" } });

const ENTRY = "lib/web/page/main.tsx";
const ROOT = new URL("../../", import.meta.url);

/** Makes one script of the page's files and the packages that these use. */
export async function makePage(): Promise<Page> {
  const { outputFiles } = await withBundler((esbuild) =>
    esbuild.build({
      entryPoints: [ENTRY],
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
      logLevel: "silent",
      plugins: [PAGE_FILES],
    })
  );
  return { script: outputFiles![0]!.text, style: (await STYLE()).default };
}

/** Files from wherever this one came from, packages from where Deno keeps them. */
const PAGE_FILES: Plugin = {
  name: "page",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, importer, namespace }) => ({
      path: resolve(path, importer, namespace === "npm"),
      namespace: path.startsWith("npm:") || isBare(path, importer) ? "npm" : "page",
    }));
    build.onLoad({ filter: /.*/, namespace: "page" }, async ({ path }) => {
      const contents = await readPart(path);
      return { contents, loader: path.endsWith(".tsx") ? "tsx" : "ts" };
    });
    build.onLoad({ filter: /.*/, namespace: "npm" }, async ({ path }) => {
      if (path.endsWith(".json")) return { contents: await readJson(path), loader: "json" };
      // Only a package that was imported has a text.
      await import(path);
      return { contents: await readModule(path) };
    });
  },
};

/** JSON comes as a value alone. */
async function readJson(path: string): Promise<string> {
  return JSON.stringify((await import(path, { with: { type: "json" } })).default);
}

function isBare(path: string, importer: string): boolean {
  return importer !== "" && !/^[./]/.test(path);
}

/** A path from the project's folder, or a package; one that names itself means its own version. */
function resolve(path: string, importer: string, isPackage: boolean): string {
  if (path.startsWith("npm:") || importer === "") return path;
  if (isPackage) return /^npm:@?[^@]+@[^/]+/.exec(importer)![0];
  return new URL(path, new URL(importer, "page:/")).pathname.slice(1);
}

async function readPart(path: string): Promise<string> {
  const source = SOURCES[path];
  return source ? (await source()).default : await readModule(new URL(path, ROOT).href);
}

const ICON = `data:image/svg+xml,${
  encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" ` +
      `rx="4" fill="#2864cc"/><path d="M3 5h7M3 8h10M3 11h5" stroke="#fff" stroke-width="1.6" ` +
      `stroke-linecap="round"/></svg>`,
  )
}`;

/** The HTML of the page. */
export function pageHtml({ title, head, body }: {
  readonly title: string;
  /** What brings the styles, and the policy if no header says it. */
  readonly head: string;
  /** What brings the data and the script. */
  readonly body: string;
}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="${ICON}">
${head}
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript.</noscript>
${body}
</body>
</html>
`;
}
