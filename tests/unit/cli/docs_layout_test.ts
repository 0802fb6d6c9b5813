import { wrapMarkdown } from "../../../lib/cli/docs_layout.ts";
import { assert, assertEquals } from "../../support/assert.ts";

Deno.test("wrapMarkdown() wraps paragraphs and items, and keeps code, tables and commands", () => {
  const code = "```sh\ndl_jobs map cities.csv --ordered\n```\n";
  const table = "| Option    | Keeps                  |\n| --------- | ---------------------- |\n";
  assertEquals(
    wrapMarkdown(
      `## A part of a long list\n\nOptions of \`map\` and \`run --all\` select a part\nof it.\n\n` +
        `${code}\n${table}\n- One item of\n  the list.\n- Another\n  - An item in an item.\n`,
      20,
    ),
    `## A part of a long list

Options of \`map\` and
\`run --all\` select a
part of it.

${code}
${table}
- One item of the
  list.
- Another
  - An item in an
    item.
`,
  );
});

Deno.test("wrapMarkdown() changes no word of the documentation", async () => {
  const { loadPages } = await import("../../../lib/cli/docs_search.ts");
  for (const { name, text } of await loadPages()) {
    const wrapped = wrapMarkdown(text, 60);
    assertEquals(wrapped.split(/\s+/), text.split(/\s+/), name);
    assert(wrapped.split("\n").length > text.split("\n").length, name);
  }
});
