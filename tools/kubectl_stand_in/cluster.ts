/**
 * The state of the stand-in for Kubernetes: files in a folder, which each call of `kubectl` reads
 * and updates. There is no server: each call first does what controllers and nodes would have done.
 *
 * @module
 */

/** The faults of a cluster, which tests set. */
export interface Faults {
  /** True when the server does not answer. */
  readonly isDown?: boolean | undefined;
  /** The reason why new pods stay pending. */
  readonly pending?: { readonly reason: string; readonly message: string } | undefined;
  /** The reason why the image of new pods cannot be used. */
  readonly waiting?: { readonly reason: string; readonly message: string } | undefined;
  /** The actions that the user may not take, each as `create pods/exec`. */
  readonly forbidden?: readonly string[] | undefined;
  /** The largest number of pods. */
  readonly quota?: number | undefined;
  /** The number of uploads that lose their end. */
  readonly cutUploads?: number | undefined;
}

/** A Job as it was created. */
export interface JobManifest {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly parallelism: number;
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly {
          readonly name: string;
          readonly command: readonly string[];
          readonly volumeMounts: readonly { readonly mountPath: string }[];
        }[];
      };
    };
  };
}

/** A pod. */
export interface Pod {
  readonly name: string;
  readonly job: string;
  phase: "Pending" | "Running" | "Succeeded" | "Failed";
  /** The variable that all its processes have. */
  readonly mark: string;
  /** The time at which its processes are killed, once it is being deleted. */
  killAt?: number | undefined;
  isFrozen?: boolean | undefined;
  terminated?: { readonly reason: string; readonly exitCode: number } | undefined;
}

/** The objects of a cluster. */
export interface Objects {
  jobs: Record<string, JobManifest>;
  pods: Record<string, Pod>;
  events: { readonly job: string; readonly message: string }[];
  /** The marks of all pods that there have been. */
  marks: string[];
}

/** The files of a cluster. */
export class ClusterFiles {
  /** Opens the files in a folder. */
  constructor(readonly dir: string) {}

  /** The faults. */
  get faults(): Faults {
    return JSON.parse(Deno.readTextFileSync(`${this.dir}/faults.json`));
  }

  set faults(faults: Faults) {
    writeWhole(`${this.dir}/faults.json`, JSON.stringify(faults));
  }

  /** Creates the files of a new cluster. */
  init(): void {
    Deno.mkdirSync(`${this.dir}/pods`, { recursive: true });
    this.faults = {};
    this.#write({ jobs: {}, pods: {}, events: [], marks: [] });
  }

  /** Reads the objects, and writes them after a change, while no other process does. */
  change<T>(fn: (objects: Objects) => T): T {
    using lock = Deno.openSync(`${this.dir}/lock`, { write: true, create: true });
    lock.lockSync(true);
    const objects: Objects = JSON.parse(Deno.readTextFileSync(`${this.dir}/objects.json`));
    const result = fn(objects);
    this.#write(objects);
    return result;
  }

  /** Returns the folder of a pod. */
  podDir(name: string): string {
    return `${this.dir}/pods/${name}`;
  }

  #write(objects: Objects): void {
    writeWhole(`${this.dir}/objects.json`, JSON.stringify(objects));
  }
}

function writeWhole(path: string, text: string): void {
  const aside = `${path}.${Deno.pid}`;
  Deno.writeTextFileSync(aside, text);
  Deno.renameSync(aside, path);
}
