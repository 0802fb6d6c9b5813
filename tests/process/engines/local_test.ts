import { local } from "../../../lib/engines/local/local.ts";
import { testEngine } from "../../support/conformance.ts";

testEngine("local", local);
testEngine("local with several calls at a time", local, { context: { concurrency: 3 } });
