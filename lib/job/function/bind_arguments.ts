/**
 * The arguments of a call of a run method, and messages about those that do not fit.
 *
 * @module
 */

import type { Parameter } from "../../bundle/program/parameters.ts";
import { optionNamed } from "../../config/load.ts";
import { escapeControls } from "../../terminal/escape.ts";
import { UsageError } from "../../util/errors.ts";
import { nearestWord } from "../../util/text/nearest.ts";
import { shortInspect } from "../../util/text/short_inspect.ts";
import { Binding, type GivenArguments } from "./binding.ts";

/**
 * Binds the arguments of a run method to its parameters.
 *
 * @param method the name of the run method, for messages
 * @returns the arguments of the call.
 * @throws {UsageError} when an argument fits no parameter, when a parameter has two arguments, or
 * when a parameter that is not optional has none.
 */
export async function bindArguments(
  method: string,
  parameters: readonly Parameter[],
  given: GivenArguments,
): Promise<unknown[]> {
  const binding = new Binding(parameters, given);
  const unknown = Object.keys(given.kwargs).filter((key) => !binding.accepts(key));
  const problems = [
    ...extraArguments(binding),
    ...await Promise.all(unknown.map((key) => unknownName(key, binding))),
    ...secondArguments(binding),
    ...missingArguments(binding, unknown),
  ];
  if (problems.length === 0) return binding.values;
  const texts = parameters.map(({ text }) => text).join(", ");
  const known = texts === "" ? "it has no parameters" : `its parameters are: ${texts}`;
  throw new UsageError(
    escapeControls(`Cannot run "${method}": ${problems.join(", ")}; ${known}`),
  );
}

function extraArguments({ places, holder, isOpen, given: { args } }: Binding): string[] {
  if (isOpen || args.length <= places.length) return [];
  const key = holder?.keys?.[0];
  const way = key === undefined ? "" : ` (write ${key}=${args.at(-1)})`;
  const extra = args.slice(places.length).map(shortInspect);
  return [`no parameter is left for ${extra.join(" and ")}${way}`];
}

async function unknownName(key: string, { places, holder }: Binding): Promise<string> {
  const option = optionNamed(key);
  const names = [...places.map(({ name }) => name), ...holder?.keys ?? []];
  const near = await nearestWord(key, names.filter((name) => name !== undefined));
  const hint = option
    ? ` (the option is --${(option.flag ?? option.name).replaceAll("_", "-")})`
    : near === undefined
    ? ""
    : ` (did you mean ${near}?)`;
  return `"${key}" is not a parameter${hint}`;
}

function secondArguments(binding: Binding): string[] {
  const { given: { args, kwargs } } = binding, filled = new Set(args.keys());
  const isSecond = (key: string) => {
    const index = binding.indexOf(key), isFilled = filled.has(index);
    filled.add(index);
    return index >= 0 && isFilled;
  };
  return Object.keys(kwargs).filter(isSecond).map((key) => {
    const index = binding.indexOf(key);
    const other = index < args.length
      ? `the argument ${shortInspect(args[index])}`
      : "another spelling";
    return `"${key}" is given twice, also by ${other}`;
  });
}

function missingArguments(binding: Binding, unknown: readonly string[]): string[] {
  const { places, holder } = binding;
  const isMissing = (index: number) =>
    index >= binding.given.args.length && !places[index]!.isOptional &&
    binding.valueAt(index) === undefined;
  return [...places.keys()].filter(isMissing).map((index) => {
    const { name, text } = places[index]!;
    const isLast = unknown.length > 0 && !holder && index === places.length - 1;
    const way = name === undefined ? "" : ` (write ${name}=VALUE)`;
    return `"${text}" has no value${isLast ? OPTIONS_WAY : way}`;
  });
}

const OPTIONS_WAY = " (call it options or take it apart, { ... }, to receive all named values)";
