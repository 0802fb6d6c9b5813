import { assertEquals } from "../support/assert.ts";
import { enterFolder, readLogs, runJob } from "../support/jobs.ts";

const LATE = {
  "throws in a timer": '    setTimeout(() => { throw new Error("late"); }, 5);',
  "leaves a rejection": '    Promise.reject(new Error("late"));',
};

// Each handler keeps a program of its own alive, so it keeps the task alive, too.
const HANDLERS: Record<string, string> = {
  "uncaughtException of process": `process.on("uncaughtException", handle);`,
  // With an npm package, Node's process is loaded before the program.
  "uncaughtException of process, beside an npm package": `
    import "npm:zx@8.8.5";
    process.on("uncaughtException", handle);`,
  "listeners that prevent the default": `
    for (const type of ["error", "unhandledrejection"]) {
      addEventListener(type, (event) => {
        event.preventDefault();
        handle(event.error ?? event.reason);
      });
    }`,
  "onerror and onunhandledrejection": `
    globalThis.onerror = globalThis.onunhandledrejection = (event) => {
      event.preventDefault();
      handle(event.error ?? event.reason);
    };`,
};

function source(handlers: string, late: string): string {
  return `
    const handle = (error) => console.log("handled", error.message);
    ${handlers}
    export async function f(x) {
      ${late}
      await new Promise((resolve) => setTimeout(resolve, 40));
      return x;
    }`;
}

/** Runs one task, and returns its success and its first log line. */
async function run(handlers: string, late: string): Promise<[succeeded: number, log: string]> {
  await using _folder = await enterFolder({ "late.js": source(handlers, late) });
  const { succeeded, paths } = await runJob({
    ...{ moduleName: "./late.js", methodName: "f", argsList: 1, workers: 1 },
  });
  return [succeeded, readLogs(paths.folder)[0]!.text.split("\n")[0]!];
}

for (const [name, handlers] of Object.entries(HANDLERS)) {
  for (const [what, late] of Object.entries(LATE)) {
    Deno.test(`a task that ${what} succeeds where user code handles it: ${name}`, async () => {
      assertEquals(await run(handlers, late), [1, "handled late"]);
    });
  }
}

Deno.test("a listener of unhandledRejection handles the rejections of a task", async () => {
  const handlers = 'process.on("unhandledRejection", handle);';
  assertEquals(await run(handlers, LATE["leaves a rejection"]), [1, "handled late"]);
});

Deno.test("a listener that only looks at an error does not keep it from failing its task", async () => {
  const handlers = 'addEventListener("error", ({ error }) => handle(error));';
  assertEquals(await run(handlers, LATE["throws in a timer"]), [0, "handled late"]);
});
