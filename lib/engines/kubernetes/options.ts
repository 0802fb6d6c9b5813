/**
 * The options of the engine `kubernetes`.
 *
 * @module
 */

import {
  checkTableNames,
  commandWords,
  invalidValue,
  readTable,
} from "../../config/option_table.ts";
import type { OptionSpec } from "../../config/option_types.ts";

/** The engine's own options. */
export const KUBERNETES_OPTIONS = [
  {
    name: "image",
    type: "text",
    default: null,
    doc: "Container image of the pods, with sh and glibc; without it, denoland/deno.",
    example: "python:3.12-slim",
  },
  {
    name: "pods",
    type: "integer",
    default: 10,
    min: 1,
    limit: 5_000,
    doc: "Number of pods.",
    example: "20",
  },
  {
    name: "cpu",
    type: "text",
    label: "N",
    default: null,
    doc: "CPUs of a pod, such as 4 or 500m.",
    example: "4",
  },
  {
    name: "memory",
    type: "text",
    label: "SIZE",
    default: null,
    doc: "Memory of a pod, such as 8Gi.",
    example: "8Gi",
  },
  {
    name: "gpu",
    type: "integer",
    default: 0,
    min: 0,
    limit: 1_000,
    doc: "GPUs of a pod.",
    example: "1",
  },
  {
    name: "namespace",
    type: "text",
    default: null,
    doc: "Namespace; without it, that of the context.",
    example: "research",
  },
  { name: "context", type: "text", default: null, doc: "Context of kubectl.", example: "lab" },
  {
    name: "service_account",
    type: "text",
    default: null,
    doc: "Service account of the pods.",
    example: "jobs",
  },
  {
    name: "node_selector",
    type: "text",
    default: null,
    doc: "Labels of the nodes to use, separated by ;",
    example: "disk=ssd;zone=a",
  },
  {
    name: "tolerations",
    type: "text",
    default: null,
    doc: "Taints of nodes to tolerate, as KEY[=VALUE][:EFFECT], separated by ;",
    example: "spot=true:NoSchedule",
  },
  {
    name: "template",
    type: "text",
    label: "FILE",
    isPath: true,
    default: null,
    doc: "YAML or JSON file with a PodTemplate to which the pods add theirs.",
    example: "pod.yaml",
  },
  {
    name: "lost_after",
    type: "duration",
    default: "60s",
    doc: "Time after which a pod that does not answer is deleted, and its tasks run on others.",
    example: "10m",
  },
  {
    name: "lease",
    type: "duration",
    default: "12h",
    doc: "Time that a pod works on after the controller has died.",
    example: "2d",
  },
  {
    name: "ttl",
    type: "duration",
    default: "1h",
    doc: "Time after which Kubernetes removes a Job that ended without its controller.",
    example: "2h",
  },
  {
    name: "command",
    type: "text",
    default: "kubectl",
    doc: "The program kubectl, with its arguments.",
    example: "microk8s kubectl",
  },
] as const satisfies readonly OptionSpec[];

/** A taint that the pods tolerate, as Kubernetes has it. */
export interface Toleration {
  readonly key: string;
  readonly operator: "Equal" | "Exists";
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
}

/** The parsed option `kubernetes` of a job. */
export interface KubernetesSettings {
  /** The container image. @default {that of the template, or of Deno} */
  readonly image: string | undefined;
  /** The number of pods. */
  readonly pods: number;
  /** The CPUs of a pod, as a quantity of Kubernetes. */
  readonly cpu: string | undefined;
  /** The memory of a pod, as a quantity of Kubernetes. */
  readonly memory: string | undefined;
  /** The number of GPUs of a pod. */
  readonly gpu: number;
  /** The namespace. @default {that of the context} */
  readonly namespace: string | undefined;
  /** The context. @default {the current one} */
  readonly context: string | undefined;
  /** The service account of the pods. @default {that of the namespace} */
  readonly serviceAccount: string | undefined;
  /** The labels of the nodes to use. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** The taints that the pods tolerate. */
  readonly tolerations: readonly Toleration[];
  /** The path of the PodTemplate. @default {none} */
  readonly template: string | undefined;
  /** The time after which a pod that does not answer is deleted, in milliseconds. */
  readonly lostAfter: number;
  /** The time that a pod works on without a controller, in milliseconds. */
  readonly lease: number;
  /** The time after which Kubernetes removes a Job that has ended, in milliseconds. */
  readonly ttl: number;
  /** The program `kubectl`, with its arguments. */
  readonly command: readonly string[];
}

/**
 * Parses the option `kubernetes`.
 *
 * @throws {UsageError} when a value is invalid.
 *
 * @example
 * ```ts
 * import { parseKubernetesOptions } from "./options.ts";
 *
 * const { pods, memory } = parseKubernetesOptions({ pods: "3", memory: "8GiB" });
 * if (pods !== 3 || memory !== "8Gi") throw new Error("not read");
 * ```
 */
export function parseKubernetesOptions(
  given: Readonly<Record<string, string>>,
): KubernetesSettings {
  checkTableNames(KUBERNETES_OPTIONS, given, "kubernetes");
  const table = readTable(KUBERNETES_OPTIONS, given, "kubernetes");
  return {
    ...table,
    cpu: quantity("cpu", table.cpu, "a number such as 4 or 500m"),
    memory: quantity("memory", table.memory, "a size such as 8Gi"),
    nodeSelector: labels(table.nodeSelector),
    tolerations: parts(table.tolerations).map(toleration),
    command: commandWords(table.command, "kubernetes", "kubectl"),
  };
}

/** Returns the number of whole CPUs in a quantity, at least 1. */
export function wholeCpus(cpu: string): number {
  const count = cpu.endsWith("m") ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu);
  return Math.max(1, Math.floor(count));
}

/** Parses a quantity. Users also write `8GB` and `8GiB`, which Kubernetes writes without the B. */
function quantity(
  name: string,
  text: string | undefined,
  expected: string,
): string | undefined {
  if (text === undefined) return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(m|[kKMGTPE]i?)?B?$/.exec(text.trim()) ?? [];
  const isFit = name === "cpu" ? unit === undefined || unit === "m" : unit !== "m";
  if (number !== undefined && Number(number) > 0 && isFit) {
    return number + (unit ?? "").replace(/^K$/, "k").replace(/^ki$/, "Ki");
  }
  throw invalidValue("kubernetes", name, text, expected);
}

function parts(text = ""): string[] {
  return text.split(/[;,]/).map((part) => part.trim()).filter(Boolean);
}

const LABEL = /^([\w./-]+)=([\w.-]*)$/;

function labels(text: string | undefined): Record<string, string> {
  return Object.fromEntries(
    parts(text).map((part) => {
      const [, key, value] = LABEL.exec(part) ?? [];
      if (key === undefined) {
        throw invalidValue("kubernetes", "node_selector", text!, "labels such as disk=ssd;zone=a");
      }
      return [key, value!];
    }),
  );
}

const TAINT = /^([\w./-]+)(?:=([\w.-]*))?(?::(NoSchedule|PreferNoSchedule|NoExecute))?$/;

function toleration(text: string): Toleration {
  const [, key, value, effect] = TAINT.exec(text) ?? [];
  if (key === undefined) {
    throw invalidValue("kubernetes", "tolerations", text, "taints such as spot=true:NoSchedule");
  }
  return { key, operator: value === undefined ? "Exists" : "Equal", value, effect };
}
