/**
 * Describes a list of parameters as the options that make it.
 *
 * @module
 */

import type { ListedParameter, ListSource } from "../../job_dir/record.ts";
import { shellWord } from "../../util/shell.ts";
import { elementTexts } from "../../values/exact_json.ts";

// The part of the values of a parameter that fits into a line.
const MOST_SHOWN = 80;

/**
 * Returns the words of a command that describe a list of parameters, such as
 * `--grid year=2020..2024 band=nir,red`.
 */
export function parametersText(
  { dimensions, files, rows = 0 }: Extract<ListSource, { kind: "parameters" }>,
): string {
  const path = (index: number) => files[index]!.path;
  const words = files.slice(0, rows).map((file) => shellWord(file.path));
  let open = "";
  for (const dimension of dimensions) {
    for (const [i, parameter] of dimension.entries()) {
      const flag = flagOf(dimension, i);
      // Parameters of one --zip, and those of one --grid, follow one flag.
      if (flag !== open || (flag === "--zip" && i === 0) || parameter.name === undefined) {
        words.push(flag);
      }
      open = flag;
      words.push(wordsOf(parameter, path));
    }
  }
  return words.join(" ");
}

function flagOf(dimension: readonly ListedParameter[], index: number): string {
  if (dimension[index]!.name === undefined) return index === 0 ? ":::" : ":::+";
  return dimension.length > 1 ? "--zip" : "--grid";
}

function wordsOf({ name, values }: ListedParameter, path: (index: number) => string): string {
  if (name === undefined) {
    const texts = values.flatMap((part) =>
      typeof part === "number" ? [`@${path(part)}`] : elementTexts(part).map(bare)
    );
    return shortened(texts.map(shellWord).join(" "));
  }
  const items = values.map((part) => typeof part === "number" ? `@${path(part)}` : itemsOf(part));
  // Only the values of := are lists and objects, and they are one part.
  const assign = items[0]?.startsWith("[") ? ":=" : "=";
  return shortened(shellWord(`${name}${assign}${items.join()}`));
}

/** Returns a range or nested JSON as it is, and the elements of any other array with commas. */
function itemsOf(part: string): string {
  if (!part.startsWith("[")) return part;
  const elements = elementTexts(part);
  return elements.some((json) => /^[[{]/.test(json)) ? part : elements.map(itemOf).join();
}

/** Returns a text without its quotes, unless it would be another value without them. */
function itemOf(json: string): string {
  const text = bare(json);
  return /^(?!(?:true|false|null)$)[A-Za-z_][\w/ -]*$/.test(text) ? text : json;
}

function bare(json: string): string {
  return json.startsWith('"') ? JSON.parse(json) : json;
}

function shortened(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
}
