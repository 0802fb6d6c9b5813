import { inline } from "../../../lib/engines/inline.ts";
import { testEngine } from "../../support/conformance.ts";

// It calls the function where it is: one call at a time, and what is written goes its own way.
testEngine("inline", inline, { overlaps: false, hasLogs: false });
