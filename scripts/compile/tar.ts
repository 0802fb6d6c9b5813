/**
 * A tar archive (ustar) without owners and times, so the same files always produce the same bytes.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
 * @module
 */

/** A file in an archive. */
export interface TarFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly isExecutable: boolean;
}

const BLOCK = 512;
// Programs read tar archives in blocks of this many bytes, so an archive is padded to whole blocks.
const RECORD = 20 * BLOCK;

/** Builds an archive. */
export async function makeTar(files: readonly TarFile[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts = files.flatMap(({ bytes, ...file }) => [
    header({ ...file, size: bytes.length }),
    bytes,
    new Uint8Array(padding(bytes.length, BLOCK)),
  ]);
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  // Two empty blocks mark the end.
  const end = 2 * BLOCK + padding(size + 2 * BLOCK, RECORD);
  return await new Blob([...parts, new Uint8Array(end)] as BlobPart[]).bytes();
}

function padding(size: number, unit: number): number {
  return (unit - size % unit) % unit;
}

function header({ path, size, isExecutable }: Omit<TarFile, "bytes"> & { size: number }) {
  if (path.length > 100) throw new RangeError(`Cannot archive ${path}: its name is too long`);
  const block = new Uint8Array(BLOCK);
  const put = (text: string, at: number) => new TextEncoder().encodeInto(text, block.subarray(at));
  put(path, 0);
  put(isExecutable ? "0000755" : "0000644", 100);
  // The owner and the group.
  put("0000000", 108);
  put("0000000", 116);
  put(size.toString(8).padStart(11, "0"), 124);
  put("00000000000", 136);
  // The checksum is computed with blanks in its own field.
  put("        ", 148);
  put("0", 156);
  put("ustar\x0000", 257);
  put(block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0", 148);
  return block;
}
