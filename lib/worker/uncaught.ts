/**
 * The errors of user code that no code has caught.
 *
 * @module
 */

import { applyFn, hasOwn } from "../util/builtins.ts";
import { nodeModule } from "../util/node_module.ts";

/** Receives the errors that no code has caught. */
export interface UncaughtListener {
  /**
   * Receives an error that no code has caught.
   *
   * @param label the kind of error
   * @returns false when the error must end the process
   */
  onUncaught(label: UncaughtLabel, thrown: unknown): boolean;
  /** Called when a listener of user code has handled an error that no code has caught. */
  onHandled(): void;
}

/** The kinds of errors that no code has caught. */
export type UncaughtLabel = "Unhandled rejection" | "Uncaught";

/** The part of Node's `process` that counts listeners. */
interface NodeListeners {
  listenerCount(type: string): number;
}

const { defineProperty, getOwnPropertyDescriptor } = Object;
const ORDINARY = { configurable: true, enumerable: true, writable: true } as const;

/**
 * Reports uncaught errors. Without the listener, each of them would end the process. An error that
 * user code handles, by `preventDefault` or a listener of Node's `process`, is not reported.
 *
 * @returns an object that ends the reports
 */
export function watchUncaught({ onUncaught, onHandled }: UncaughtListener): Disposable {
  const report = (event: Event, label: UncaughtLabel, thrown: unknown) => {
    if (event.defaultPrevented) onHandled();
    else if (onUncaught(label, thrown)) event.preventDefault();
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    // The runtime calls Node's listeners after this event, unless its default is prevented.
    if (handlesRejections()) return onHandled();
    report(event, "Unhandled rejection", event.reason);
  };
  const onError = (event: ErrorEvent) => {
    report(event, "Uncaught", event.error ?? workerError(event));
  };
  return listenLast({
    unhandledrejection: onRejection as EventListener,
    error: onError as EventListener,
  });
}

/** Adds listeners that stay behind those of user code, which may handle the event. */
function listenLast(listeners: Readonly<Record<string, EventListener>>): Disposable {
  const original = getOwnPropertyDescriptor(globalThis, "addEventListener");
  const { addEventListener: add, removeEventListener: remove } = globalThis;
  const removeOwn = (type: string) => applyFn(remove, globalThis, [type, listeners[type]]);
  const append = (type: string) => {
    removeOwn(type);
    applyFn(add, globalThis, [type, listeners[type]]);
  };
  const types = Object.keys(listeners);
  for (const type of types) append(type);
  let hasEnded = false;
  const value = function addEventListener(this: unknown, ...args: unknown[]) {
    const type = args[0] as string, target = this ?? globalThis;
    applyFn(add, target, args);
    // User code may keep the function for longer than the reports last.
    if (!hasEnded && target === globalThis && hasOwn(listeners, type)) append(type);
  };
  defineProperty(globalThis, "addEventListener", { ...ORDINARY, value });
  return {
    [Symbol.dispose]() {
      hasEnded = true;
      for (const type of types) removeOwn(type);
      if ((globalThis.addEventListener as unknown) !== value) return;
      if (original) defineProperty(globalThis, "addEventListener", original);
      else delete (globalThis as { addEventListener?: unknown }).addEventListener;
    },
  };
}

/** True when user code listens to Node's `process` for rejections. */
function handlesRejections(): boolean {
  const process = nodeModule<NodeListeners>("node:process");
  return process.listenerCount("unhandledRejection") > 0 ||
    process.listenerCount("uncaughtException") > 0;
}

/** Returns the error of a Web Worker, which the event has only as a text and a place. */
function workerError({ error, message, filename, lineno }: ErrorEvent): unknown {
  if (!filename) return error;
  const thrown = new Error(`a Web Worker failed: ${message} (${filename}:${lineno})`);
  thrown.stack = `Error: ${thrown.message}`;
  return thrown;
}
