/**
 * The program of the cut `where`, which is the same for all conditions, except for one constant.
 *
 * @module
 */

import type { UserModule } from "./user_module.ts";

/** The place of the condition in the program. */
export const CONDITION_PLACE = "dl_jobs: the condition";

/** The parts of a program that refer to the condition. */
export const CONDITION: UserModule = {
  user: `import { whereFunction } from "dl-jobs:worker/where";
export default whereFunction(JSON.parse(${JSON.stringify(CONDITION_PLACE)}));`,
  isLibrary: true,
};
