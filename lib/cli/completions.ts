/**
 * The `completions` command: a few lines for a shell, which asks for words as they are needed.
 *
 * @module
 */

import { UsageError } from "../util/errors.ts";
import type { Command, Commands } from "./args.ts";
import { print } from "./output.ts";

/** `dl_jobs completions`, of these commands. */
export function completionsCommand(commands: Commands): Command {
  return {
    name: "completions",
    usage: "completions bash|zsh|fish [options]",
    doc: "Print what a shell needs to complete commands, options, methods and jobs.",
    examples: [
      'eval "$(dl_jobs completions bash)"   # a line for ~/.bashrc',
      'eval "$(dl_jobs completions zsh)"    # a line for ~/.zshrc, below compinit',
      "dl_jobs completions fish | source    # a line for ~/.config/fish/config.fish",
    ],
    options: [],
    config: false,
    run: async ({ positional: [shell = "", ...words] }) => {
      if (shell === "words") await printWords(commands, words);
      else await print(scriptOf(shell));
      return 0;
    },
  };
}

/** What the scripts below ask for: a candidate a line, behind a tab what it means. */
async function printWords(commands: Commands, words: readonly string[]): Promise<void> {
  const { complete } = await import("./complete.ts");
  const lines = (await complete(commands, words)).map(([word, doc]) =>
    doc === "" ? `${word}\n` : `${word}\t${doc}\n`
  );
  await print(lines.join(""));
}

function scriptOf(shell: string): string {
  if (Object.hasOwn(SCRIPTS, shell)) return SCRIPTS[shell]!;
  const known = Object.keys(SCRIPTS).join(", ");
  throw new UsageError(
    shell === ""
      ? `Cannot print completions: no shell is given, write one of ${known}`
      : `Cannot print completions of "${shell}": the shells are ${known}`,
  );
}

/** Where a shell has no words of ours, it completes the names of files. */
const SCRIPTS: Readonly<Record<string, string>> = {
  // Bash cuts words at = and : too, and puts in only what is behind the last cut.
  bash: `_dl_jobs() {
  local words word IFS=$' \\t\\n'
  read -ra words <<< "\${COMP_LINE:0:COMP_POINT}"
  [[ \${COMP_LINE:COMP_POINT-1:1} == [[:blank:]] ]] && words+=("")
  word=\${words[\${#words[@]}-1]}
  IFS=$'\\n'
  COMPREPLY=($(dl_jobs completions words -- "\${words[@]:1}" 2> /dev/null))
  COMPREPLY=("\${COMPREPLY[@]%%$'\\t'*}")
  COMPREPLY=("\${COMPREPLY[@]#"\${word%"\${word##*[=:]}"}"}")
}
complete -o default -F _dl_jobs dl_jobs
`,
  zsh: `#compdef dl_jobs
_dl_jobs() {
  local -a lines
  lines=("\${(@f)$(dl_jobs completions words -- "\${(@Q)words[2,CURRENT]}" 2> /dev/null)}")
  lines=("\${(@)\${(@)\${(@)lines:#}//:/\\\\:}/$'\\t'/:}")
  if (( $#lines )); then _describe dl_jobs lines; else _files; fi
}
compdef _dl_jobs dl_jobs
`,
  fish: `function __dl_jobs_words
  set -l words (commandline -opc) (commandline -ct)
  set -l lines (dl_jobs completions words -- $words[2..] 2> /dev/null)
  if test (count $lines) -gt 0
    printf '%s\\n' $lines
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c dl_jobs -f -a '(__dl_jobs_words)'
`,
};
