/**
 * The names that the library exports.
 *
 * @module
 */

import * as library from "../../../mod.ts";
import { assertEquals } from "../../support/assert.ts";

const MOD = new URL("../../../mod.ts", import.meta.url).pathname;

const VALUES = [
  ...["$", "DLJob", "Handle", "Job", "Logs", "Results", "Run", "Timer", "UsageError"],
  ...["asJson", "attempt", "boolStr", "cancel", "config", "copyUpdate", "expandArgs", "files"],
  ...[
    "isStr",
    "job",
    "jobs",
    "local",
    "logs",
    "ndjson",
    "results",
    "resume",
    "retry",
    "run",
    "status",
  ],
  ...["submit", "truthy", "updateList"],
  ...["RateLimited", "checkRate", "glob", "grid", "zip"],
].sort();

const TYPES = [
  ...["FileStamp", "JobStamps", "UsageSummary"],
  ...[
    "AnyMethod",
    "ArgsList",
    "AttemptFailure",
    "BooleanInput",
    "CanaryOptions",
    "CanaryPlan",
    "CodeChoice",
    "CommandRef",
    "CommonError",
  ],
  ...["Config", "ConfigInput", "Counts", "DurationInput", "EngineRecord", "EnvInput", "EnvSource"],
  ...[
    "ErrorCode",
    "FailureClass",
    "Format",
    "FunctionRef",
    "InputOptions",
    "JobCounts",
    "JobDetails",
    "JobLike",
    "JobOptions",
    "JobRecord",
    "JobState",
    "ListFiles",
    "ListInput",
    "ListSource",
    "ListedFile",
    "MethodCall",
  ],
  ...["LogLine", "MapInput", "Merged", "MoveOptions", "NumberInput", "ProgramRecord", "ResultOr"],
  "ResultSink",
  ...[
    "RunAgainOptions",
    "RunHooks",
    "RunMethodOptions",
    "RunOptions",
    "RunProgress",
    "SetupContext",
    "SetupFunction",
    "Shipment",
    "SizeInput",
    "Summary",
  ],
  ...["TaskCheckpoint", "TaskContext"],
  ...["TaskError", "TaskFunction", "TaskTimes", "Truth", "ValueChange", "ValueNote", "Zx"],
  ...["CheckOptions", "CutSummary", "Cuts", "ListCheck", "OnInvalid", "SkippedElements"],
  ...[
    "ContextFunction",
    "SetupTimes",
    "JsonSchema",
    "SchemaIssue",
    "SchemaResult",
    "StandardSchema",
  ],
  ...["ReduceFunction", "ReduceRecord"],
  ...[
    "Combination",
    "CrossedFiles",
    "OutputOptions",
    "ListedParameter",
    "ParameterInput",
    "ParameterList",
  ],
].sort();

Deno.test("mod.ts exports these values", () => {
  assertEquals(Object.keys(library).sort(), VALUES);
  assertEquals(library.DLJob, library.Job);
});

Deno.test("ndjson exports what users call", () => {
  const { ndjson } = library;
  assertEquals(Object.keys(ndjson).sort(), ["apply", "read", "readBatches", "stringify", "write"]);
});

Deno.test("mod.ts exports these types, and defines nothing itself", async () => {
  const text = await Deno.readTextFile(MOD);
  const code = text.replaceAll(/\/\*\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  const statements = code.split(";").map((statement) => statement.trim()).filter(Boolean);
  const other = statements.filter((one) => !/^export (type )?(\*|\{)[^]* from "[^"]+"$/.test(one));
  assertEquals(other, []);
  const lists = [...code.matchAll(/export (type )?\{([^}]*)\}/g)];
  const types = lists.flatMap(([, isType, list = ""]) =>
    list.split(",").map((name) => name.trim()).filter(Boolean)
      .filter((name) => isType !== undefined || name.startsWith("type "))
      .map((name) => name.replace(/^type /, ""))
  );
  assertEquals(types.sort(), TYPES);
});
