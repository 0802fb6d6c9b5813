/**
 * Finds the handler of a request.
 *
 * @module
 */

import type { Call, Route } from "./route.ts";
import { Refusal, refuseField } from "./validate.ts";

/** Routes with a common prefix and common rules. */
export interface Area {
  readonly prefix: string;
  readonly routes: readonly Route[];
  /** Checks the headers of a request. */
  readonly check?: (headers: Headers) => void;
  /** Formats a refusal. */
  readonly refuse?: (refusal: Refusal) => Refusal;
}

/** The route and the id of a request. */
export interface Matched {
  /** The name of the route; without a route, the request line. */
  readonly name: string;
  readonly area?: Area;
  readonly route?: Route;
  /** The text at `{id}`. Also set when no route has the method. */
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

/** Matches a path. An id at its end may contain slashes, as the keys of objects do. */
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

/** Checks the query and reads the body. */
export async function readCall(request: Request, route: Route, id: string): Promise<Call> {
  const query = new URL(request.url).searchParams;
  if (route.query !== "search") checkQuery(query, route.query ?? []);
  // The store accepts any bytes.
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
