import { compileEarly, importedBy } from "../../../../lib/bundle/build/early_functions.ts";
import { assertEquals } from "../../../support/assert.ts";

const PROGRAM = `var __esm = (fn) => fn;

// lib/a.ts
function first(x) {
  return x;
}
async function* second({
  x
}) {
  yield x;
}
function third() {
  return \`function inner() {
}
\`;
}
var VALUE;
var init_a = __esm({
  "lib/a.ts"() {
    init_b();
    VALUE = {
      x: 1
    };
  }
});

// lib/b.ts
function other() {
}
var init_b = __esm({
  "lib/b.ts"() {
  }
});
`;

const EARLY = `var __esm = (fn) => fn;

// lib/a.ts
var first = (function first(x) {
  return x;
});
var second = (async function* second({
  x
}) {
  yield x;
});
function third() {
  return \`function inner() {
}
\`;
}
var VALUE;
var init_a = __esm({
  "lib/a.ts": (function() {
    init_b();
    VALUE = {
      x: 1
    };
  })
});

// lib/b.ts
function other() {
}
var init_b = __esm({
  "lib/b.ts"() {
  }
});
`;

Deno.test("compileEarly() puts the functions of some modules into parentheses", () => {
  assertEquals(compileEarly(PROGRAM, new Set(["lib/a.ts"])), EARLY);
  assertEquals(compileEarly(PROGRAM, new Set()), PROGRAM);
});

Deno.test("importedBy() follows the imports that are not on demand", () => {
  const to = (path: string, kind = "import-statement") => ({ path, kind });
  const inputs = {
    "a.ts": { imports: [to("b.ts"), to("d.ts", "dynamic-import")] },
    "b.ts": { imports: [to("a.ts"), to("c.ts")] },
    "c.ts": { imports: [] },
    "d.ts": { imports: [] },
  };
  assertEquals([...importedBy(["a.ts"], { inputs })], ["a.ts", "b.ts", "c.ts"]);
  assertEquals([...importedBy([], { inputs })], []);
});
