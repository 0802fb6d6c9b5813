/**
 * Builds the script, the styles and the HTML of the page.
 *
 * @module
 */

import { withBundler } from "../bundle/build/bundler.ts";
import type { EsbuildPlugin } from "../deps.ts";
import { readModule } from "../util/remote.ts";
import type { LoadText } from "../util/text_files.ts";

/** The files of the page, other than its HTML. */
export interface Page {
  /** The script, an ES module. */
  readonly script: string;
  /** The styles. */
  readonly style: string;
}

/**
 * The modules of the page. The imports are literal, so that Deno includes the files when it
 * installs the command.
 */
const MODULES: Readonly<Record<string, LoadText>> = {
  "lib/engines/stream/machine_word.ts": () =>
    import("../engines/stream/machine_word.ts", { with: { type: "text" } }),
  "lib/job_dir/job_wait.ts": () => import("../job_dir/job_wait.ts", { with: { type: "text" } }),
  "lib/journal/log_text.ts": () => import("../journal/log_text.ts", { with: { type: "text" } }),
  "lib/terminal/escape.ts": () => import("../terminal/escape.ts", { with: { type: "text" } }),
  "lib/util/time/duration.ts": () => import("../util/time/duration.ts", { with: { type: "text" } }),
  "lib/util/builtins.ts": () => import("../util/builtins.ts", { with: { type: "text" } }),
  "lib/util/is_dict.ts": () => import("../util/is_dict.ts", { with: { type: "text" } }),
  "lib/util/parse_json.ts": () => import("../util/parse_json.ts", { with: { type: "text" } }),
  "lib/values/value_at.ts": () => import("../values/value_at.ts", { with: { type: "text" } }),
  "lib/util/text/shorten.ts": () => import("../util/text/shorten.ts", { with: { type: "text" } }),
  "lib/util/text/size_text.ts": () =>
    import("../util/text/size_text.ts", { with: { type: "text" } }),
  "lib/web/protocol.ts": () => import("./protocol.ts", { with: { type: "text" } }),
  "lib/web/page/active.tsx": () => import("./page/active.tsx", { with: { type: "text" } }),
  "lib/web/page/chart.tsx": () => import("./page/chart.tsx", { with: { type: "text" } }),
  "lib/web/page/compare.tsx": () => import("./page/compare.tsx", { with: { type: "text" } }),
  "lib/web/page/confirm.tsx": () => import("./page/confirm.tsx", { with: { type: "text" } }),
  "lib/web/page/deps.ts": () => import("./page/deps.ts", { with: { type: "text" } }),
  "lib/web/page/empty.tsx": () => import("./page/empty.tsx", { with: { type: "text" } }),
  "lib/web/page/failures.tsx": () => import("./page/failures.tsx", { with: { type: "text" } }),
  "lib/web/page/format.ts": () => import("./page/format.ts", { with: { type: "text" } }),
  "lib/web/page/histogram.tsx": () => import("./page/histogram.tsx", { with: { type: "text" } }),
  "lib/web/page/hosts.tsx": () => import("./page/hosts.tsx", { with: { type: "text" } }),
  "lib/web/page/job.tsx": () => import("./page/job.tsx", { with: { type: "text" } }),
  "lib/web/page/job_filter.ts": () => import("./page/job_filter.ts", { with: { type: "text" } }),
  "lib/web/page/job_head.tsx": () => import("./page/job_head.tsx", { with: { type: "text" } }),
  "lib/web/page/jobs.tsx": () => import("./page/jobs.tsx", { with: { type: "text" } }),
  "lib/web/page/land.ts": () => import("./page/land.ts", { with: { type: "text" } }),
  "lib/web/page/logs.tsx": () => import("./page/logs.tsx", { with: { type: "text" } }),
  "lib/web/page/main.tsx": () => import("./page/main.tsx", { with: { type: "text" } }),
  "lib/web/page/map.tsx": () => import("./page/map.tsx", { with: { type: "text" } }),
  "lib/web/page/map_drawing.ts": () => import("./page/map_drawing.ts", { with: { type: "text" } }),
  "lib/web/page/map_view.ts": () => import("./page/map_view.ts", { with: { type: "text" } }),
  "lib/web/page/overview.tsx": () => import("./page/overview.tsx", { with: { type: "text" } }),
  "lib/web/page/parts.tsx": () => import("./page/parts.tsx", { with: { type: "text" } }),
  "lib/web/page/places.ts": () => import("./page/places.ts", { with: { type: "text" } }),
  "lib/web/page/plot.tsx": () => import("./page/plot.tsx", { with: { type: "text" } }),
  "lib/web/page/rate.tsx": () => import("./page/rate.tsx", { with: { type: "text" } }),
  "lib/web/page/resources.tsx": () => import("./page/resources.tsx", { with: { type: "text" } }),
  "lib/web/page/results.tsx": () => import("./page/results.tsx", { with: { type: "text" } }),
  "lib/web/page/route.ts": () => import("./page/route.ts", { with: { type: "text" } }),
  "lib/web/page/shown_json.ts": () => import("./page/shown_json.ts", { with: { type: "text" } }),
  "lib/web/page/source.ts": () => import("./page/source.ts", { with: { type: "text" } }),
  "lib/web/page/steer.tsx": () => import("./page/steer.tsx", { with: { type: "text" } }),
  "lib/web/page/table.tsx": () => import("./page/table.tsx", { with: { type: "text" } }),
  "lib/web/page/table_rows.ts": () => import("./page/table_rows.ts", { with: { type: "text" } }),
  "lib/web/page/task.tsx": () => import("./page/task.tsx", { with: { type: "text" } }),
  "lib/web/page/task_table.tsx": () => import("./page/task_table.tsx", { with: { type: "text" } }),
  "lib/web/page/tasks.tsx": () => import("./page/tasks.tsx", { with: { type: "text" } }),
  "lib/web/page/time_axis.ts": () => import("./page/time_axis.ts", { with: { type: "text" } }),
  "lib/web/page/timeline.tsx": () => import("./page/timeline.tsx", { with: { type: "text" } }),
  "lib/web/page/use_route.ts": () => import("./page/use_route.ts", { with: { type: "text" } }),
  "lib/web/page/virtual_rows.ts": () =>
    import("./page/virtual_rows.ts", { with: { type: "text" } }),
};

/** The styles of the page. A later file overrides an earlier one. */
const STYLES: readonly LoadText[] = [
  () => import("./page/base.css", { with: { type: "text" } }),
  () => import("./page/layout.css", { with: { type: "text" } }),
  () => import("./page/job.css", { with: { type: "text" } }),
  () => import("./page/charts.css", { with: { type: "text" } }),
  () => import("./page/failures.css", { with: { type: "text" } }),
  () => import("./page/tasks.css", { with: { type: "text" } }),
  () => import("./page/results.css", { with: { type: "text" } }),
  () => import("./page/phone.css", { with: { type: "text" } }),
  () => import("./page/print.css", { with: { type: "text" } }),
];

const ENTRY = "lib/web/page/main.tsx";
const ROOT = new URL("../../", import.meta.url);

/** Bundles the page's modules with the packages that they import, and concatenates its styles. */
export async function buildPage(): Promise<Page> {
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
  const styles = await Promise.all(STYLES.map((load) => load()));
  const style = styles.map((one) => one.default).join("\n");
  return { script: outputFiles![0]!.text, style };
}

/** Loads the page's modules from this library, and packages from Deno's cache. */
const PAGE_FILES: EsbuildPlugin = {
  name: "page",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, importer, namespace }) => ({
      path: resolve(path, importer, namespace === "npm"),
      namespace: path.startsWith("npm:") || isBare(path, importer) ? "npm" : "page",
    }));
    build.onLoad({ filter: /.*/, namespace: "page" }, async ({ path }) => {
      const contents = await readText(path);
      return { contents, loader: path.endsWith(".tsx") ? "tsx" : "ts" };
    });
    build.onLoad({ filter: /.*/, namespace: "npm" }, async ({ path }) => {
      if (path.endsWith(".json")) return { contents: await readJson(path), loader: "json" };
      // Importing the package puts its text into Deno's cache.
      await import(path);
      return { contents: await readModule(path) };
    });
  },
};

/** Reads a JSON module as text. Deno can import it only as a value. */
async function readJson(path: string): Promise<string> {
  return JSON.stringify((await import(path, { with: { type: "json" } })).default);
}

function isBare(path: string, importer: string): boolean {
  return importer !== "" && !/^[./]/.test(path);
}

/**
 * Returns the path of a module relative to the project's folder, or the specifier of a package. A
 * package that imports itself by name resolves to its own version.
 */
function resolve(path: string, importer: string, isPackage: boolean): string {
  if (path.startsWith("npm:") || importer === "") return path;
  if (isPackage) return /^npm:@?[^@]+@[^/]+/.exec(importer)![0];
  return new URL(path, new URL(importer, "page:/")).pathname.slice(1);
}

async function readText(path: string): Promise<string> {
  const load = MODULES[path];
  return load ? (await load()).default : await readModule(new URL(path, ROOT).href);
}

const ICON = `data:image/svg+xml,${
  encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" ` +
      `rx="4" fill="#2864cc"/><path d="M3 5h7M3 8h10M3 11h5" stroke="#fff" stroke-width="1.6" ` +
      `stroke-linecap="round"/></svg>`,
  )
}`;

/** Returns the HTML of the page. */
export function pageHtml({ title, head, body }: {
  /** The title, as escaped HTML. */
  readonly title: string;
  /**
   * The elements for the styles, and for the content security policy unless an HTTP header sets the
   * policy.
   */
  readonly head: string;
  /** The elements for the data and the script. */
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
