/**
 * Commands for a shell, run by a real one.
 *
 * @module
 */

import { Argument } from "../../../../lib/worker/command/argument.ts";
import { shellScript } from "../../../../lib/worker/command/shell_script.ts";
import { randomItem, randomOf } from "../../../../tools/support/random.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";

async function run(script: string, value: unknown): Promise<string> {
  const [sh, ...args] = shellScript(script).fill(new Argument(JSON.stringify(value), 7));
  const { stdout } = await new Deno.Command(sh!, { args, stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

const NASTY = `it's "$(echo bad)" \`echo bad\` $HOME ; echo bad & \\ -n * {}\n#`;

Deno.test("a value in a script is one word, whatever the quotes around it are", async (t) => {
  const one = (text: string) => `<${text}>`;
  const cases: [script: string, ...words: string[]][] = [
    ["printf '<%s>' {}", one(NASTY)],
    ['printf "<%s>" "{}"', one(NASTY)],
    ["printf '<%s>' '{}'", one(NASTY)],
    ["printf '<%s>' a{}b", one(`a${NASTY}b`)],
    ['printf "<%s>" "a {} b"', one(`a ${NASTY} b`)],
    ["printf '<%s>' 'a \"{} b'", one(`a "${NASTY} b`)],
    ['printf "<%s>" "it\'s {}"', one(`it's ${NASTY}`)],
    ['printf "<%s>" \\"{}', one(`"${NASTY}`)],
    ['printf "<%s>" "$(printf %s {})"', one(NASTY)],
    ["printf '<%s>' $((1 + 1)) {}", one("2"), one(NASTY)],
    ["x={}; printf '<%s>' \"$x\"", one(NASTY)],
    ["printf '<%s>' \"${x-}\" {#}", one(""), one("7")],
    ["(printf '<%s>' {}) | cat", one(NASTY)],
    ["if true; then printf '<%s>' {}; fi", one(NASTY)],
    ["# don't \" $( {}\nprintf '<%s>' {}", one(NASTY)],
    ["printf '<%s>' a#' '{} # isn't {}\nprintf '<%s>' {}", one(`a# ${NASTY}`), one(NASTY)],
    ["printf '<%s>' \"$(printf %s {} # it's\n)\"", one(NASTY)],
    ['printf "<%s>" "`printf %s {}`" {}', one(NASTY), one(NASTY)],
    ["cat <<E; printf '<%s>' {}\nit's {}\nE", `it's ${NASTY}\n`, one(NASTY)],
    ["cat <<E\n\"{}\"\nE\nprintf '<%s>' {}", `"${NASTY}"\n`, one(NASTY)],
    ["cat <<E\n$(printf %s {})\nE", `${NASTY}\n`],
    ["cat <<-'E'\n\tit's $(\n\tE\nprintf '<%s>' {}", "it's $(\n", one(NASTY)],
    ["{ cat; cat <<F; } <<E\n\"\nF\nE'\nE\nprintf '<%s>' {}", "E'\n\"\n", one(NASTY)],
    ["x=$(cat <<E\n{}'\nE\n); printf '<%s>' \"$x\" {}", one(`${NASTY}'`), one(NASTY)],
    ["printf '<%s>' $((1 << 2)) {}", one("4"), one(NASTY)],
    ['printf "<%s>" "\\\\{}" \\\\{}', one(`\\${NASTY}`), one(`\\${NASTY}`)],
    ["f() { printf '<%s>' \"$1\" {}; }; f a", one("a"), one(NASTY)],
    ["set -- a b; shift; printf '<%s>' $1 {}", one("b"), one(NASTY)],
    ["printf '<%s>' $# \"$(f() { echo {#}; }; f a)\"", one("0"), one("7")],
    ["printf '<%s>' '\\{}'", one(`\\${NASTY}`)],
    // The patterns of `case` have half of a pair of parentheses.
    ["x=\"$(case a in b) ;; *) printf %s '{}';; esac)\"; printf '<%s>' \"$x\"", one(NASTY)],
    [
      "x=\"$(case a in (a) case b in b) printf %s '{}';; esac;; esac)\"; printf '<%s>' \"$x{}\"",
      one(NASTY + NASTY),
    ],
    [
      'x="$(if true; then case a in\na)\n printf %s {} ;;\nesac; fi)"; printf \'<%s>\' "$x{}"',
      one(NASTY + NASTY),
    ],
    ['x="$(echo case esac)"; printf \'<%s>\' "$x{}"', one(`case esac${NASTY}`)],
    [
      "printf '<%s>' \"${x:-{}}\" \"${x:-{,}}\" '${$h{a}}' {}",
      one("{}"),
      one("{,}"),
      one("${$h{a}}"),
      one(NASTY),
    ],
  ];
  for (const [script, ...words] of cases) {
    await t.step(script, async () => assertEquals(await run(script, NASTY), words.join("")));
  }
});

Deno.test("a list that is a word in a script is several words", async () => {
  assertEquals(await run("printf '<%s>' {a} {b}", { a: ["x y", 1], b: [] }), "<x y><1>");
  assertEquals(await run("printf '<%s>' \"{a}\" {a}.", { a: ["x"] }), '<["x"]><["x"].>');
});

Deno.test("no value runs a command, wherever its placeholder is", async () => {
  const random = randomOf(3);
  const pieces = [
    "'",
    '"',
    "\\",
    "$(",
    ")",
    "`",
    " ",
    "{}",
    "#",
    "\n",
    "<<E\n",
    "E\n",
    "case a in a) ",
    ";; esac",
    "${x}",
    "a",
    ";",
  ];
  for (let round = 0; round < 150; round++) {
    const script = Array.from({ length: 8 }, () => randomItem(random, pieces)).join("");
    const value = `x'"); touch /dev/null; echo INJECTED; #$(echo INJECTED)\`echo INJECTED\``;
    // A backslash before a placeholder is refused.
    const output = await run(script, value).catch((error) => {
      assertEquals(error instanceof SyntaxError, true, script);
      return "";
    });
    const plain = output.replaceAll(value, "");
    assertEquals(/^INJECTED/m.test(plain), false, script);
  }
});

Deno.test("arithmetic in a script contains integers", async () => {
  assertEquals(await run('echo $((1+{n})) "$(( (2 * {n}) << 1 ))"', { n: 3 }), "4 12\n");
  const script = shellScript("echo $((1+{n}))");
  assertThrows(
    () => script.fill(new Argument('{"n":"a[$(echo INJECTED)]"}', 0)),
    TypeError,
    "{n} needs an integer inside $((...)), not a[$(echo INJECTED)]",
  );
});

Deno.test("a placeholder in a here-document with a quoted word is refused", () => {
  for (const word of ["'E'", '"E"', "\\E"]) {
    assertThrows(
      () => shellScript(`cat <<${word}\nfile={path}\nE`),
      SyntaxError,
      "{path} is in a here-document whose word has quotes, so that the shell keeps the text as it " +
        "is: leave out the quotes, as in <<END",
    );
  }
});

Deno.test("a placeholder after a backslash is refused", () => {
  for (
    const script of ["echo \\{a}", 'echo "\\\\\\{a}"', "cat <<E\n\\{a}\nE", "echo $(echo \\{a})"]
  ) {
    assertThrows(
      () => shellScript(script),
      SyntaxError,
      "{a} is after a backslash, which would change what the shell reads: write two backslashes " +
        "before the value, or {{a}} for the text",
    );
  }
});

Deno.test("a script that sh would run otherwise than its author means is refused", () => {
  const cases: [script: string, error: string][] = [
    [
      "#!/bin/bash\necho {}",
      "its first line names bash, but --shell runs sh: write -- bash FILE {}",
    ],
    ["#! /usr/bin/env zsh\n", "its first line names zsh, but"],
    [
      "echo ${x:-{a}}",
      "{a} is inside ${...}, where the shell takes the braces: write v={a} before",
    ],
    ['echo "${x%{a|ext}}"', "{a|ext} is inside ${...}"],
  ];
  for (const [script, error] of cases) {
    const { message } = assertThrows(() => shellScript(script), SyntaxError);
    assertEquals(message.slice(0, error.length), error);
  }
  for (const first of ["#!/bin/sh -e", "#!/usr/bin/env sh", "#!/bin/dash", "# !/bin/bash"]) {
    shellScript(`${first}\necho {}`);
  }
});
