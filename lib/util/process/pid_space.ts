/**
 * The processes among which an id is unique.
 *
 * @module
 */

/**
 * Identifies the processes among which a pid is unique: those of one container, since the boot of the
 * machine. Empty where this is unknown.
 */
export function pidSpace(): string {
  try {
    const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
    return `${boot} ${Deno.readLinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}
