/**
 * The binding of arguments to the parameters of a run method, by position and by name.
 *
 * @module
 */

import type { Parameter } from "../../bundle/program/parameters.ts";
import { camelCase } from "../../config/options.ts";
import { isDict } from "../../util/is_dict.ts";

/** The arguments of a run method. */
export interface GivenArguments {
  /** The positional arguments. */
  readonly args: readonly unknown[];
  /** The named arguments. */
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** The options that a run method may ask for, by their names in camelCase. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The names of a last parameter that receives the named arguments as one object. */
const HOLDERS: ReadonlySet<string | undefined> = new Set(["options", "opts", "kwargs"]);

/**
 * Binds arguments to parameters. The rules are in docs/start/functions-and-lists.md.
 *
 * @example
 * ```ts
 * import { Binding } from "./binding.ts";
 *
 * const parameters = [{ text: "tile", name: "tile" }, { text: "{ gpus }", keys: ["gpus"] }];
 * const { values } = new Binding(parameters, { args: ["a"], kwargs: { gpus: 2 }, options: {} });
 * if (JSON.stringify(values) !== '["a",{"gpus":2}]') throw new Error(`${values}`);
 * ```
 */
export class Binding {
  /** The arguments. */
  readonly given: GivenArguments;
  /** The parameters that receive one argument each. */
  readonly places: readonly Parameter[];
  /** The last parameter, if it receives the named arguments as one object. */
  readonly holder: Parameter | undefined;
  /** True when the function accepts any number of arguments. */
  readonly isOpen: boolean;

  /** Binds arguments to parameters. */
  constructor(parameters: readonly Parameter[], given: GivenArguments) {
    const last = parameters.at(-1), { args } = given;
    // Without a prototype, no parameter has the name of an inherited property.
    this.given = { ...given, options: Object.assign(Object.create(null), given.options) };
    this.isOpen = last?.isOpen === true && !last.keys;
    const isHolder = last?.keys !== undefined || HOLDERS.has(last?.name);
    // A caller in code may pass the object itself.
    const isFilled = args.length === parameters.length && isDict(args.at(-1));
    this.holder = isHolder && !isFilled ? last : undefined;
    this.places = this.isOpen || this.holder ? parameters.slice(0, -1) : parameters;
  }

  /** The arguments of the call. */
  get values(): unknown[] {
    const { args } = this.given;
    const values = this.places.map((_, index) => this.valueAt(index));
    if (this.isOpen) return [...values, ...args.slice(values.length), this.#named()];
    return this.holder ? [...values, this.#named()] : values;
  }

  /** Returns the argument of a parameter; `undefined` when it has none. */
  valueAt(index: number): unknown {
    const { args, kwargs, options } = this.given;
    if (index < args.length) return args[index];
    const key = Object.keys(kwargs).find((key) => this.indexOf(key) === index);
    return key === undefined ? options[camelCase(this.places[index]!.name ?? "")] : kwargs[key];
  }

  /** Returns the index of the parameter that a named argument fills, or -1. */
  indexOf(key: string): number {
    const exact = this.places.findIndex(({ name }) => name === key);
    return exact < 0 ? this.places.findIndex(({ name }) => name === camelCase(key)) : exact;
  }

  /** Returns true when the function receives a named argument. */
  accepts(key: string): boolean {
    const { holder } = this;
    if (this.isOpen || this.indexOf(key) >= 0) return true;
    if (holder === undefined) return false;
    if (!holder.keys || holder.isOpen) return true;
    return this.#spellings(key).some((name) => this.#reads(name));
  }

  /** The object with the options, and the named arguments that fill no parameter. */
  #named(): object {
    const { kwargs, options } = this.given, { keys = [] } = this.holder ?? {};
    const given = Object.entries(kwargs).filter(([key]) => this.indexOf(key) < 0)
      .flatMap(([key, value]) => this.#spellings(key).map((name) => [name, value] as const));
    const asked = keys.filter((key) => camelCase(key) in options)
      .map((key) => [key, options[camelCase(key)]] as const);
    return { ...options, ...Object.fromEntries([...asked, ...given]) };
  }

  /** Returns a name as it was given, and in camelCase if an option or a key has that name. */
  #spellings(key: string): string[] {
    const camel = camelCase(key);
    return camel !== key && (camel in this.given.options || this.#reads(camel))
      ? [key, camel]
      : [key];
  }

  #reads(name: string): boolean {
    return this.holder?.keys?.includes(name) ?? false;
  }
}
