/**
 * The checks of request bodies, and the refusal of a request with its reason.
 *
 * @module
 */

import { isDict } from "../../lib/util/is_dict.ts";

/** Returns the problem with a value; undefined for a valid one. */
export type Check = (value: unknown) => string | undefined;

/** Error messages by field. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>;

/** A request that is answered with an error. */
export class Refusal extends Error {
  override name = "Refusal";

  /**
   * Creates a refusal from a status, a text and, for invalid values, the errors of their fields.
   */
  constructor(readonly status: number, detail: string, readonly errors?: FieldErrors) {
    super(detail);
  }

  /** Returns the refusal as a response with a JSON body. */
  toResponse(): Response {
    const errors = this.errors ? { errors: this.errors } : {};
    return Response.json({ detail: this.message, ...errors }, { status: this.status });
  }
}

/** Throws a refusal for one field. */
export function refuseField(field: string, message: string): never {
  throw new Refusal(422, "Validation error", { [field]: [message] });
}

/** The fields that an object can have, and those that it must have. */
export interface Shape {
  readonly fields: Readonly<Record<string, Check>>;
  readonly required?: readonly string[];
}

/**
 * Checks an object against a shape.
 *
 * @throws {Refusal} when a field is invalid, unknown or absent
 */
export function checkShape(value: unknown, shape: Shape): Readonly<Record<string, unknown>> {
  if (!isDict(value)) throw new Refusal(422, "Validation error: the body is not an object");
  const errors = errorsOf(value, shape);
  if (Object.keys(errors).length > 0) throw new Refusal(422, "Validation error", errors);
  return value;
}

function errorsOf(value: Record<string, unknown>, { fields, required = [] }: Shape): FieldErrors {
  const names = new Set([...required, ...Object.keys(value)]);
  return Object.fromEntries([...names].flatMap((name) => {
    const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const message = name in value ? (check ?? unknownField)(value[name]) : "Missing";
    return message ? [[name, [message]]] : [];
  }));
}

const unknownField: Check = () => "Unknown field";

/** A non-empty string. */
export const text: Check = (value) =>
  typeof value === "string" && value !== "" ? undefined : "Not a text";

/** A boolean. */
export const flag: Check = (value) => typeof value === "boolean" ? undefined : "Not a boolean";

/** An id in the clients' format. */
export const uuid: Check = (value) =>
  typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)
    ? undefined
    : "Not a uuid";

/** Creates a check for an integer between two limits, inclusive. */
export function integer(least: number, most = Infinity): Check {
  return (value) => {
    if (!Number.isInteger(value)) return "Not an integer";
    const isIn = (value as number) >= least && (value as number) <= most;
    return isIn ? undefined : `Not between ${least} and ${most}`;
  };
}

/** Creates a check for one of the given values. */
export function oneOf(values: readonly unknown[]): Check {
  return (value) => values.includes(value) ? undefined : `Not one of ${values.join(", ")}`;
}

/** Creates a check for an array of valid values, with a minimum and a maximum length. */
export function list(check: Check, least = 0, most = Infinity): Check {
  return (value) => {
    if (!Array.isArray(value)) return "Not an array";
    if (value.length < least || value.length > most) return `Not ${least} to ${most} elements`;
    const at = value.findIndex(check);
    return at < 0 ? undefined : `Element ${at}: ${check(value[at])}`;
  };
}

/** An array of any values. */
export const array: Check = (value) => Array.isArray(value) ? undefined : "Not an array";

/** An object with any fields. */
export const object: Check = (value) => isDict(value) ? undefined : "Not an object";

/** An object whose values are strings, such as environment variables. */
export const texts: Check = (value) =>
  isDict(value) && Object.values(value).every((one) => typeof one === "string")
    ? undefined
    : "Not a map of strings";

/** Creates a check for null or a valid value. */
export function nullable(check: Check): Check {
  return (value) => value === null ? undefined : check(value);
}
