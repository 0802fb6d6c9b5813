/**
 * A file that replaces another file once it is complete.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { removeIfThere, statIfThere } from "./fs.ts";
import { syncFolder } from "./optional_calls.ts";
import { LineFile } from "./line_file.ts";
import { dirname } from "../paths.ts";

/** A file that replaces another file once it is complete. Readers never see a partial file. */
export class NewFile extends LineFile {
  /** The path of the target, which is not a link. */
  readonly target: string;
  #isFinished = false;

  /**
   * Creates an empty file beside the target. A file that a killed process left there is emptied.
   *
   * @param name the path of the file to replace, or of a link to it
   * @throws {UsageError} when the path is a device, a pipe or a folder.
   */
  constructor(readonly name: string) {
    const target = targetOf(name), replaced = statIfThere(target);
    if (replaced?.isFile === false) {
      throw new UsageError(`Cannot replace ${name}: it is not a regular file`);
    }
    super(asideOf(target), true);
    this.target = target;
    Deno.mkdirSync(dirname(target), { recursive: true });
    Deno.writeTextFileSync(asideOf(target), "");
    const mode = replaced?.mode ?? null;
    if (mode !== null) Deno.chmodSync(asideOf(target), mode & 0o7777);
  }

  /** The path of the file, or of the link to it. */
  override get path(): string {
    return this.name;
  }

  /** Closes the file and replaces the target with it, both durably. */
  async finish(): Promise<void> {
    await this.sync();
    super[Symbol.dispose]();
    Deno.renameSync(asideOf(this.target), this.target);
    this.#isFinished = true;
    await syncFolder(dirname(this.target));
  }

  /** Closes the file. Removes it when it is not finished. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    if (!this.#isFinished) removeIfThere(asideOf(this.target));
  }

  /** Removes what a killed process left beside a target. */
  static clean(path: string): void {
    removeIfThere(asideOf(targetOf(path)));
  }
}

function asideOf(target: string): string {
  return `${target}.new`;
}

/**
 * Returns true for a path that a rename must not replace: a device, a pipe or a folder, and a file
 * that the shell may have opened as `/dev/stdout`, perhaps to append to it.
 */
export function isInPlace(
  path: string,
  file: Pick<Deno.FileInfo, "isFile"> | undefined = statIfThere(path),
): boolean {
  return file?.isFile === false || /^\/(?:dev|proc)\//.test(path);
}

/**
 * Follows a link, because the file behind it is replaced, not the link. As when a file is opened to
 * write, that file need not exist yet.
 */
export function targetOf(path: string): string {
  try {
    return Deno.lstatSync(path).isSymlink ? Deno.realPathSync(path) : path;
  } catch (error) {
    const link = error instanceof Deno.errors.NotFound ? linkOf(path) : undefined;
    if (link === undefined) return path;
    return targetOf(link.startsWith("/") ? link : `${dirname(path)}/${link}`);
  }
}

/** Returns the content of a link; `undefined` for any other file, and when there is none. */
function linkOf(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}
