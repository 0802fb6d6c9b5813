/**
 * From a request to what is done for it.
 *
 * @module
 */

import type { Call, Route } from "./route.ts";
import { Refusal, refuseField } from "./validate.ts";

/** Addresses with a common beginning, and with rules of their own. */
export interface Area {
  readonly prefix: string;
  readonly routes: readonly Route[];
  /** Refuses by the headers. */
  readonly check?: (headers: Headers) => void;
  /** How it says a refusal. */
  readonly refuse?: (refusal: Refusal) => Refusal;
}

/** What a request is about. */
export interface Matched {
  /** The route's name, or what was asked for when there is none. */
  readonly name: string;
  readonly area?: Area;
  readonly route?: Route;
  /** What stands for `{id}`; there, too, when only the method has no route. */
  readonly id?: string;
}

/** Finds the route of a request. */
export function matchRoute(areas: readonly Area[], { method, url }: Request): Matched {
  const { pathname } = new URL(url);
  const area = areas.find(({ prefix }) => pathname.startsWith(`${prefix}/`))!;
  const path = pathname.slice(area.prefix.length);
  const fitting = area.routes.flatMap((route) => {
    const found = toPattern(route).exec(path);
    return found ? [{ name: route.name, area, route, id: decode(found[1] ?? "") }] : [];
  });
  const name = `${method} ${path}`, other = fitting[0] ? { id: fitting[0].id } : {};
  return fitting.find(({ route }) => route.name.startsWith(`${method} `)) ??
    { name, area, ...other };
}

/** Where an id comes last it may have slashes in it, as keys of objects have. */
function toPattern({ name }: Route): RegExp {
  const path = name.slice(name.indexOf(" ") + 1);
  const isKey = /^\/(bucket|storage)\//.test(path);
  return new RegExp(`^${path.replace("{id}", isKey ? "(.+)" : "([^/]+)")}$`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Looks over the query and reads the body. */
export async function readCall(request: Request, route: Route, id: string): Promise<Call> {
  const query = new URL(request.url).searchParams;
  if (route.query !== "search") checkQuery(query, route.query ?? []);
  // The store takes bytes as they are.
  const body = route.name.includes("/bucket/") ? undefined : await readBody(request, route);
  return { request, id, query, body };
}

function checkQuery(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) refuseField(name, "Unknown parameter");
  }
}

async function readBody(request: Request, route: Route): Promise<unknown> {
  const text = await request.text();
  if (route.body !== "json") {
    if (text !== "") throw new Refusal(422, `${route.name} takes no body`);
    return undefined;
  }
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json(;|$)/.test(type)) refuseField("Content-Type", "Not application/json");
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(422, "Validation error: the body is not JSON");
  }
}
