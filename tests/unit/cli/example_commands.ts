import type { Command } from "../../../lib/cli/command.ts";

/** A command that takes keywords and the options of jobs. */
export const RUN: Command = {
  name: "run",
  usage: "run METHOD [ARGS] [k=v] [k:=json] [options]",
  doc: "Run a method.",
  options: [],
  config: true,
  keywords: true,
  run: () => Promise.resolve(0),
};

/** A command with flags of its own. */
export const LOGS: Command = {
  name: "logs",
  usage: "logs [JOB] [options]",
  doc: "Show the logs of a job.",
  examples: ["dl_jobs logs", "dl_jobs logs -f"],
  options: [
    { name: "follow", short: "f", type: "boolean", default: false, doc: "Wait for more." },
    {
      name: "last_lines",
      short: "n",
      type: "integer",
      default: 10,
      min: 0,
      doc: "Number of lines.",
    },
    { name: "every", type: "duration", default: "5s", doc: "The pause between two reads." },
    { name: "only", type: "list", default: [], doc: "The tasks to show." },
  ],
  run: () => Promise.resolve(0),
};
