import { inlineEngine } from "../../../lib/engines/inline.ts";
import { testEngine } from "../../support/conformance/mod.ts";

// The function is called in this process: one call at a time, and its output is not captured.
testEngine("inline", inlineEngine, { overlaps: false, hasLogs: false });
