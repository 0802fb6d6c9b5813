/**
 * WebAssembly modules as JavaScript modules.
 *
 * @see {@link https://github.com/WebAssembly/esm-integration}
 *
 * @module
 */

/**
 * Returns the text of a module that instantiates a WebAssembly module and exports what it exports.
 *
 * @throws {WebAssembly.CompileError} when the bytes are not a WebAssembly module.
 */
export function wasmModule(bytes: Uint8Array<ArrayBuffer>): string {
  const module = new WebAssembly.Module(bytes);
  const needed = [...new Set(WebAssembly.Module.imports(module).map((entry) => entry.module))]
    .map((name) => JSON.stringify(name));
  const names = WebAssembly.Module.exports(module).map(({ name }) => JSON.stringify(name));
  return [
    ...needed.map((name, index) => `import * as import${index} from ${name};`),
    `const { exports } = new WebAssembly.Instance(`,
    `  ${compiled(bytes)},`,
    `  { ${needed.map((name, index) => `${name}: import${index}`).join(", ")} },`,
    `);`,
    ...names.map((name, index) =>
      `const export${index} = exports[${name}];\nexport { export${index} as ${name} };`
    ),
  ].join("\n");
}

/** Returns the text of a module whose value is a WebAssembly module, not yet instantiated. */
export function wasmSource(bytes: Uint8Array): string {
  return `export default ${compiled(bytes)};`;
}

function compiled(bytes: Uint8Array): string {
  return `new WebAssembly.Module(Uint8Array.fromBase64("${bytes.toBase64()}"))`;
}
