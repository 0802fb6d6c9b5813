/**
 * The `completions` command: prints a shell script that calls `dl_jobs completions words` to get
 * candidates.
 *
 * @module
 */

import { escapeLine } from "../terminal/escape.ts";
import { UsageError } from "../util/errors.ts";
import type { Command, Commands } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { print } from "./output.ts";
import { SUMMARIES } from "./summaries.ts";

/** Creates the command `dl_jobs completions` for the given commands. */
export function completionsCommand(commands: Commands): Command {
  return {
    name: "completions",
    usage: "completions bash|zsh|fish [options]",
    doc: SUMMARIES.completions,
    examples: [
      "# in ~/.bashrc",
      'eval "$(dl_jobs completions bash)"',
      "# in ~/.zshrc, below compinit",
      'eval "$(dl_jobs completions zsh)"',
      "# in ~/.config/fish/config.fish",
      "dl_jobs completions fish | source",
    ],
    options: [],
    run: async ({ positional: [shell = "", ...words] }) => {
      if (shell === "words") await printWords(commands, words);
      else await print(scriptOf(shell, words));
      return EXIT.done.status;
    },
  };
}

/** Prints candidates for the scripts below, one per line, each with its description after a tab. */
async function printWords(commands: Commands, given: readonly string[]): Promise<void> {
  const { complete } = await import("./completion.ts");
  const words = (await complete(commands, given)).filter(([word]) => escapeLine(word) === word);
  const lines = words.map(([word, doc]) => doc === "" ? `${word}\n` : `${word}\t${doc}\n`);
  await print(lines.join(""));
}

function scriptOf(shell: string, [extra]: readonly string[]): string {
  if (extra !== undefined) {
    throw new UsageError(`Cannot use "${extra}": the shell is ${shell}, name one shell`);
  }
  if (Object.hasOwn(SCRIPTS, shell)) return SCRIPTS[shell]!;
  const known = Object.keys(SCRIPTS).join(", ");
  throw new UsageError(
    shell === ""
      ? `Cannot print completions: no shell is named, write one of ${known}`
      : `Cannot print completions of "${shell}": the shells are ${known}`,
  );
}

/**
 * The script for each shell. Without candidates, the shell completes file names, also after the
 * `=` of a word, as in `--output=means.csv`.
 *
 * @see https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
 * @see https://zsh.sourceforge.io/Doc/Release/Completion-System.html
 * @see https://fishshell.com/docs/current/completions.html
 */
const SCRIPTS: Readonly<Record<string, string>> = {
  // Bash also splits words at `=` and `:`, and replaces only the part after the last such
  // character. Bash 3 has no compopt, and writes a space after `workers=`.
  bash: `_dl_jobs() {
  local words word IFS=$' \\t\\n'
  read -ra words <<< "\${COMP_LINE:0:COMP_POINT}"
  [[ \${COMP_LINE:COMP_POINT-1:1} == [[:blank:]] ]] && words+=("")
  word=\${words[\${#words[@]}-1]}
  IFS=$'\\n'
  COMPREPLY=($(dl_jobs completions words -- "\${words[@]:1}" 2> /dev/null))
  COMPREPLY=("\${COMPREPLY[@]%%$'\\t'*}")
  COMPREPLY=("\${COMPREPLY[@]#"\${word%"\${word##*[=:]}"}"}")
  if [[ \${COMPREPLY[0]-} == *= ]]; then compopt -o nospace 2> /dev/null; fi
}
complete -o default -F _dl_jobs dl_jobs
`,
  zsh: `#compdef dl_jobs
_dl_jobs() {
  local -a lines end
  lines=("\${(@f)$(dl_jobs completions words -- "\${(@Q)words[2,CURRENT]}" 2> /dev/null)}")
  lines=("\${(@)\${(@)\${(@)lines:#}//:/\\\\:}/$'\\t'/:}")
  if [[ \${lines[1]-} == *=(:*|) ]]; then end=(-S ''); fi
  if (( $#lines )); then
    _describe dl_jobs lines "\${(@)end}"
  else
    _files || { compset -P '*=' && _files }
  fi
}
compdef _dl_jobs dl_jobs
`,
  fish: `function __dl_jobs_words
  set -l words (commandline -opc) (commandline -ct)
  set -l lines (dl_jobs completions words -- $words[2..] 2> /dev/null)
  if test (count $lines) -gt 0
    printf '%s\\n' $lines
    return
  end
  set -l word (commandline -ct)
  set -l files (__fish_complete_path $word)
  set -l start (string match -r '^[^=]*=' -- $word)
  if test (count $files) -eq 0 -a -n "$start"
    set files $start(__fish_complete_path (string replace -- $start '' $word))
  end
  string join \\n -- $files
end
complete -c dl_jobs -f -a '(__dl_jobs_words)'
`,
};
