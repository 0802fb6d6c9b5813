import { localEngine } from "../../../lib/engines/local/local.ts";
import { testEngine } from "../../support/conformance.ts";

testEngine("local", localEngine);
testEngine("local with several calls at a time", localEngine, { context: { concurrency: 3 } });
