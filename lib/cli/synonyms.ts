/**
 * The names of commands that users know from other tools, and of options of sbatch.
 *
 * @module
 */

/** Commands, each with the names that it has elsewhere. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  cancel: ["kill", "stop", "abort", "scancel", "terminate"],
  clean: ["gc", "prune", "purge"],
  continue: ["unpause"],
  init: ["new", "create"],
  jobs: ["list", "ls", "ps", "history", "squeue", "sacct"],
  logs: ["tail", "output", "follow"],
  map: ["submit", "exec", "apply", "sbatch", "parallel", "start"],
  repl: ["shell", "console", "notebook"],
  results: ["export", "fetch", "save", "download"],
  retry: ["rerun", "again"],
  resume: ["restart"],
  rm: ["delete", "del", "remove"],
  status: ["show", "info", "describe", "watch", "top", "stat", "progress"],
  ui: ["web", "serve", "server", "dashboard"],
};

/** Options of sbatch that the engine slurm passes on. */
const SBATCH = [
  ...["partition", "account", "qos", "constraint", "gres", "nodelist", "reservation", "licenses"],
  ...["mail_user", "mail_type", "clusters", "exclusive"],
];

/** Returns the command that is meant by its name in another tool, or undefined. */
export function meantCommand(name: string): string | undefined {
  return Object.keys(COMMANDS).find((own) => COMMANDS[own]!.includes(name.toLowerCase()));
}

/** Returns true for a name of an option of sbatch, in snake_case. */
export function isSbatchOption(name: string): boolean {
  return SBATCH.includes(name);
}
