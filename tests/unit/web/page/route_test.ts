import { parseRoute, type Route, routeHash } from "../../../../lib/web/page/route.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("parseRoute() reads what routeHash() writes", () => {
  const cases: [string, Route][] = [
    ["#", { job: "", view: "overview", filter: {} }],
    ["#20261126T18-07", { job: "20261126T18-07", view: "overview", filter: {} }],
    ["#a/tasks?state=failed&task=7", {
      job: "a",
      view: "tasks",
      task: 7,
      filter: { state: "failed" },
    }],
    ["#a/logs?text=%23%3F%26%3D+%C3%B6", { job: "a", view: "logs", filter: { text: "#?&= ö" } }],
    ["#a?task=0", { job: "a", view: "overview", task: 0, filter: {} }],
  ];
  for (const [hash, route] of cases) {
    assertEquals(routeHash(route), hash);
    assertEquals(parseRoute(hash), { task: undefined, ...route });
  }
});

Deno.test("parseRoute() accepts any text", () => {
  assertEquals(parseRoute("#a%/constructor?task=-1&state=%zz&__proto__=x"), {
    job: "a%",
    view: "overview",
    task: undefined,
    filter: Object.fromEntries([["state", "%zz"], ["__proto__", "x"]]),
  });
  assertEquals(parseRoute(""), { job: "", view: "overview", task: undefined, filter: {} });
});

Deno.test("routeHash() leaves out fields without a value", () => {
  const filter = { state: "", text: "x" };
  assertEquals(routeHash({ job: "a", view: "tasks", filter }), "#a/tasks?text=x");
});
