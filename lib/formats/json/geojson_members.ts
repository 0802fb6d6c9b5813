/**
 * The members of a GeoJSON object that is being read.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7946#section-7.1} for an object with features.
 *
 * @module
 */

import { crsName } from "../crs.ts";
import type { RecordLines } from "./record_lines.ts";

/** Recognises a FeatureCollection by its members, in any order. */
export class GeojsonMembers {
  /** True when the features were found. */
  hasFeatures = false;
  /** The name of the coordinate reference system, if there is one. */
  crs: string | undefined;
  #type: unknown;
  #key: unknown;
  #at = 0;

  /** True when the object is a FeatureCollection, so that its other members are not needed. */
  get isCollection(): boolean {
    return this.hasFeatures || this.#type === "FeatureCollection";
  }

  /** True when a list that begins is that of the features. */
  get isAtFeatures(): boolean {
    // A Feature may have any other member, and an object without a type yet is a collection.
    return this.#key === "features" && (this.isCollection || this.#type === undefined);
  }

  /** Begins a member after a brace or a comma, and removes those that are not needed. */
  begin(records: RecordLines): void {
    if (this.isCollection) records.drop();
    this.#at = records.length - records.start;
  }

  /** Receives a key at its end. */
  endKey(records: RecordLines): void {
    this.#key = this.#text(records);
    // The value begins after the colon.
    this.#at = records.length - records.start + 1;
  }

  /** Receives a text at its end. */
  endText(records: RecordLines): void {
    if (this.#key === "type") this.#type = this.#text(records);
  }

  /** Receives a list or an object at its end. */
  endValue(records: RecordLines): void {
    if (this.#key === "crs") this.crs = crsName(this.#text(records));
  }

  /** Removes the bytes of a list or an object that is not needed. */
  drop(records: RecordLines): void {
    if (this.isCollection && this.#key !== "crs") records.length = records.start + this.#at;
  }

  #text({ bytes, start, length }: RecordLines): unknown {
    try {
      return JSON.parse(new TextDecoder().decode(bytes.subarray(start + this.#at, length)));
    } catch {
      // No key of GeoJSON is that long.
      return null;
    }
  }
}
