/**
 * Converts well-known binary to GeoJSON.
 *
 * @see {@link https://libgeos.org/specifications/wkb/} for the two notations of dimensions.
 *
 * @module
 */

import type { Notice } from "../format.ts";

/** A geometry of GeoJSON. */
interface Geometry {
  readonly type: string;
  readonly coordinates?: readonly unknown[];
  readonly geometries?: readonly Geometry[];
}

const POINT = 1, LINE = 2, POLYGON = 3, COLLECTION = 7;
/** The types of geometries, by their numbers. */
const TYPES = [
  ...["", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"],
  "GeometryCollection",
];
// The bits of the older notation of dimensions, which PostGIS and many programs write.
const HAS_Z = 0x80000000, HAS_M = 0x40000000, HAS_SRID = 0x20000000, CODE = 0x0fffffff;

/**
 * Returns the geometry that bytes contain. The numbers of an empty point, and an altitude that is
 * NaN, are left out.
 *
 * @param notice receives facts about values that GeoJSON has no place for
 * @throws {TypeError} when GeoJSON has no such geometry.
 * @throws {RangeError} when the bytes end early.
 *
 * @example
 * ```ts
 * import { readWkb } from "./wkb.ts";
 *
 * const bytes = new Uint8Array(new Float64Array([0, 1, 2.5]).buffer, 3);
 * bytes.set([1, 1, 0, 0, 0]);
 * const text = JSON.stringify(readWkb(bytes, () => {}));
 * if (text !== '{"type":"Point","coordinates":[1,2.5]}') throw new Error(text);
 * ```
 */
export function readWkb(bytes: Uint8Array, notice: Notice): Geometry {
  try {
    return new WkbReader(bytes, notice).geometry();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RangeError("its well-known binary ends early", { cause });
  }
}

class WkbReader {
  #view: DataView;
  #at = 0;
  #notice: Notice;
  #isLittle = true;
  #hasZ = false;
  #hasM = false;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array, notice: Notice) {
    this.#view = new DataView(buffer, byteOffset, byteLength);
    this.#notice = notice;
  }

  geometry(): Geometry {
    const number = this.#header(), type = TYPES[number]!;
    if (number === POINT) return { type, coordinates: this.#position() ?? [] };
    if (number === LINE) return { type, coordinates: this.#positions() };
    if (number === POLYGON) return { type, coordinates: this.#list(() => this.#positions()) };
    const parts = this.#list(() => this.geometry());
    if (number === COLLECTION) return { type, geometries: parts };
    const coordinates = parts.map((part) => part.coordinates ?? []);
    // GeoJSON has no position without numbers.
    const isPoints = number === POINT + PARTS;
    return { type, coordinates: isPoints ? coordinates.filter(isPresent) : coordinates };
  }

  /** Reads the order of bytes, the dimensions and the type. */
  #header(): number {
    this.#isLittle = this.#view.getUint8(this.#at) === 1;
    this.#at++;
    const code = this.#uint32(), dimensions = Math.floor((code & CODE) / 1000);
    this.#hasZ = (code & HAS_Z) !== 0 || dimensions === 1 || dimensions === 3;
    this.#hasM = (code & HAS_M) !== 0 || dimensions === 2 || dimensions === 3;
    if ((code & HAS_SRID) !== 0) this.#uint32();
    const number = (code & CODE) % 1000;
    if (dimensions <= 3 && number > 0 && number < TYPES.length) return number;
    throw new TypeError(`it has the type ${code & CODE}, which GeoJSON does not have`);
  }

  #positions(): unknown[] {
    return this.#list(() => this.#position() ?? this.#withoutNumbers());
  }

  /** Returns a position; `undefined` for that of an empty point. */
  #position(): number[] | undefined {
    const x = this.#double(), y = this.#double();
    const z = this.#hasZ ? this.#double() : NaN, m = this.#hasM ? this.#double() : NaN;
    if (Number.isNaN(x) && Number.isNaN(y)) return undefined;
    if (!Number.isNaN(m)) this.#notice("has M values, which GeoJSON does not have", true);
    const position = Number.isNaN(z) ? [x, y] : [x, y, z];
    return position.every(Number.isFinite) ? position : this.#withoutNumbers(position);
  }

  #withoutNumbers(position = [NaN, NaN]): number[] {
    this.#notice("has NaN or Infinity, which become null", true);
    return position;
  }

  #list<T>(read: () => T): T[] {
    const found: T[] = [];
    for (let rest = this.#uint32(); rest > 0; rest--) found.push(read());
    return found;
  }

  #uint32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, this.#isLittle);
  }

  #double(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, this.#isLittle);
  }
}

// The number of a type with several parts is that of the parts and this one.
const PARTS = 3;

function isPresent(coordinates: readonly unknown[]): boolean {
  return coordinates.length > 0;
}
