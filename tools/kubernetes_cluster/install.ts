/**
 * The programs of a cluster: Debian packages, the servers of Kubernetes and an image for the pods.
 *
 * The servers are built once a machine, which takes up to half an hour and 4 GB. Nothing comes from
 * elsewhere than Debian's packages.
 *
 * @module
 */

import { exists } from "../../lib/util/files/fs.ts";
import { installPrograms, missingOf } from "../support/packages.ts";
import { isInstalled, runSync } from "../support/system.ts";
import { IMAGE } from "./config.ts";

/** Programs, each with its package. */
const PROGRAMS = {
  etcd: "etcd-server",
  containerd: "containerd",
  runc: "runc",
  ip: "iproute2",
  openssl: "openssl",
  "../lib/cni/bridge": "containernetworking-plugins",
};

/** Programs that build the others. */
const BUILDERS = {
  go: "golang-go",
  gcc: "gcc",
  "dpkg-source": "dpkg-dev",
  debootstrap: "debootstrap",
};

/** The Debian release whose source package has all parts of Kubernetes. */
const RELEASE = "bookworm";

/** Returns the folder with what is built once a machine. */
export function cacheFolder(): string {
  return `${Deno.env.get("HOME") ?? "/root"}/.cache/dl_jobs_kubernetes`;
}

/** Returns the reason that this machine cannot run a cluster; undefined when it can. */
export function whyNoKubernetes(): string | undefined {
  const parts = [`${cacheFolder()}/bin/kubelet`, `${cacheFolder()}/image.tar`];
  const missing = missingOf(PROGRAMS) ?? parts.find((path) => !exists(path));
  return whyNoNodes() ??
    (missing && `${missing} is missing, run tools/kubernetes_cluster.ts install`);
}

function whyNoNodes(): string | undefined {
  if (Deno.build.os !== "linux") return "its nodes need Linux";
  if (Deno.uid() !== 0) return "its nodes need root";
  if (!exists("/sys/fs/cgroup/memory")) return "its kubelet needs control groups of version 1";
  return isInstalled("kubectl")
    ? undefined
    : "kubectl is missing, run apt-get install kubernetes-client";
}

/**
 * Installs the packages, builds the servers, and makes the image. What is there stays as it is.
 *
 * @throws {Error} when this machine cannot run a cluster, or a step fails
 */
export async function install(): Promise<void> {
  const why = whyNoNodes();
  if (why) throw new Error(`Cannot install a cluster: ${why}`);
  await installPrograms({ ...PROGRAMS, ...BUILDERS });
  const cache = cacheFolder(), mirror = mirrorOf(RELEASE);
  if (!exists(`${cache}/bin`)) {
    await writePackageLists(`${cache}/apt`, mirror);
    await run("build.sh", cache);
  }
  if (!exists(`${cache}/image.tar`)) await run("image.sh", cache, mirror, Deno.execPath(), IMAGE);
}

/** Returns the mirror of Debian's packages that this machine uses. */
function mirrorOf(release: string): string {
  const filter = ["Created-By: Packages", `Codename: ${release}`];
  const mirrors = runSync("apt-get", ["indextargets", "--format", "$(REPO_URI)", ...filter]);
  const [first] = mirrors.split("\n");
  if (first) return first;
  throw new Error(`Cannot install Kubernetes: this machine has no packages of ${release}`);
}

/** Writes package lists of their own, which have sources: those of the machine stay as they are. */
async function writePackageLists(dir: string, mirror: string): Promise<void> {
  const keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
  await Deno.mkdir(`${dir}/lists/partial`, { recursive: true });
  await Deno.writeTextFile(
    `${dir}/sources.list`,
    `deb-src [signed-by=${keys}] ${mirror} ${RELEASE} main\n`,
  );
  const settings = {
    "Dir::Etc::sourcelist": `${dir}/sources.list`,
    "Dir::Etc::sourceparts": "-",
    "Dir::State::lists": `${dir}/lists`,
    "Dir::Cache::pkgcache": "",
    "Dir::Cache::srcpkgcache": "",
    "APT::Sandbox::User": "root",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  await Deno.writeTextFile(`${dir}/apt.conf`, lines.join(""));
  runSync("apt-get", ["-c", `${dir}/apt.conf`, "update"]);
}

/** Runs a script of this folder, whose output is shown: it takes long. */
async function run(script: string, ...args: string[]): Promise<void> {
  const path = `${import.meta.dirname}/${script}`;
  const { code } = await new Deno.Command(path, { args }).spawn().status;
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
}
