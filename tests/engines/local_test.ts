import { local } from "../../lib/engines/local.ts";
import { testEngine } from "./conformance.ts";

testEngine("local", local);
testEngine("local with several calls at a time", local, { context: { concurrency: 3 } });
