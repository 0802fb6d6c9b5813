/**
 * Shares the CommonJS modules of a program when it is imported, before a module that creates a
 * `require` of its own.
 *
 * @module
 */

import { shareCommon } from "./common_modules.ts";

shareCommon();
