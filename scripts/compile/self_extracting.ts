/**
 * An executable that unpacks itself: a shell script followed by an archive.
 *
 * @module
 */

import { shortHash } from "../../lib/bundle/modules/hash.ts";
import { fetchPackages } from "./packages.ts";
import { stage } from "./stage.ts";
import { makeTar, type TarFile } from "./tar.ts";
import type { Target } from "./targets.ts";

/** Builds the executable and returns the version of Deno that it contains. */
export async function makeSelfExtracting(path: string, target: Target): Promise<string> {
  const { version, ...deno } = await denoFor(target);
  await using staged = await stage(target);
  const archive = await makeTar([deno, ...await Array.fromAsync(filesIn(staged.path))]);
  const head = await headOf({
    TARGET: target.name,
    DENO: version,
    ID: await shortHash(archive),
    CACHES: target.caches,
  });
  const packed = await new Response(
    ReadableStream.from([archive]).pipeThrough(new CompressionStream("gzip")),
  ).bytes();
  await Deno.writeFile(path, await new Blob([head, packed]).bytes(), { mode: 0o755 });
  return version;
}

/**
 * Returns the path of Deno's executable for a target. For another machine, fetches the newest npm
 * release that is not newer than the running Deno.
 */
async function denoFor({ name, deno }: Target): Promise<TarFile & { version: string }> {
  const own = Deno.version.deno, file = { path: "deno", isExecutable: true };
  if (name === Deno.build.target) {
    return { ...file, bytes: await Deno.readFile(Deno.execPath()), version: own };
  }
  const [minor] = /^\d+\.\d+/.exec(own)!;
  await using packages = await fetchPackages({ [deno]: `>=${minor}.0 <=${own}` });
  const { version } = JSON.parse(await Deno.readTextFile(packages.path(deno, "package.json")));
  return { ...file, bytes: await Deno.readFile(packages.path(deno, "deno")), version };
}

async function* filesIn(folder: string, path = ""): AsyncGenerator<TarFile> {
  const entries = await Array.fromAsync(Deno.readDir(`${folder}/${path}`));
  // The same files produce the same archive.
  for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const inner = path + name;
    if (isDirectory) yield* filesIn(folder, `${inner}/`);
    else {
      const { mode } = await Deno.stat(`${folder}/${inner}`);
      const bytes = await Deno.readFile(`${folder}/${inner}`);
      yield { path: inner, bytes, isExecutable: (mode! & 0o100) !== 0 };
    }
  }
}

async function headOf(values: Readonly<Record<string, string>>): Promise<string> {
  const text = await Deno.readTextFile(`${import.meta.dirname}/head.sh`);
  const lines = String(text.split("\n").length - 1);
  return text.replaceAll(/@([A-Z]+)@/g, (_, key: string) => key === "LINES" ? lines : values[key]!);
}
