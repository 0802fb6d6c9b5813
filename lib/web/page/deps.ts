/**
 * The packages that the page imports. They run only in a browser.
 *
 * @module
 */

/// <reference lib="dom" />

export { type ComponentChildren, h, render } from "npm:preact@11.2.0";
export { useEffect, useMemo, useRef, useState } from "npm:preact@11.2.0/hooks";
export { default as uPlot } from "npm:uplot@1.6.32";
export { default as world } from "npm:world-atlas@2.0.2/land-110m.json" with { type: "json" };
