/**
 * Follows and changes the address of the page.
 *
 * @module
 */

import { useEffect, useState } from "./deps.ts";
import { parseRoute, type Route, routeHash } from "./route.ts";

/**
 * Shows another part of the page. The fields that are not given stay as they are. A function receives
 * the route of that moment, which may be newer than that of the last rendering.
 */
export type Go = (
  change: Partial<Route> | ((route: Route) => Partial<Route>),
  options?: {
    /** True to replace the entry in the history of the browser. @default {false} */
    readonly isReplacing?: boolean;
  },
) => void;

/** Returns the route in the address, and a function that changes it. */
export function useRoute(): [Route, Go] {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener("hashchange", changed);
    addEventListener("popstate", changed);
    return () => {
      removeEventListener("hashchange", changed);
      removeEventListener("popstate", changed);
    };
  }, []);
  const go: Go = (change, { isReplacing = false } = {}) => {
    const route = parseRoute(location.hash);
    const next = routeHash({ ...route, ...routeChange(change, route) });
    // An address without a fragment would load the page again.
    history[isReplacing ? "replaceState" : "pushState"](null, "", next);
    setHash(next);
  };
  return [parseRoute(hash), go];
}

/** Returns the fields that a change sets. */
export function routeChange(change: Parameters<Go>[0], route: Route): Partial<Route> {
  return typeof change === "function" ? change(route) : change;
}
