/**
 * Deno's kernel for Jupyter notebooks.
 *
 * @see https://docs.deno.com/runtime/reference/cli/jupyter/
 *
 * @module
 */

/** The part of the kernel that the library uses. */
export interface Kernel {
  /** Sends a message to all clients of the notebook. */
  broadcast(type: string, content: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Returns the kernel of the notebook whose code this process runs; `undefined` in other processes. */
export function currentKernel(): Kernel | undefined {
  try {
    return (Deno as { jupyter?: Kernel }).jupyter;
  } catch {
    // The getter throws outside a notebook.
    return undefined;
  }
}
