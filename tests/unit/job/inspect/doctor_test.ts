import { examine } from "../../../../lib/job/inspect/doctor.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertLess } from "../../../support/assert.ts";

/** Examines parts where `PATH` has only some programs, which are shell scripts. */
async function examineWith(programs: Readonly<Record<string, string>>, parts: readonly string[]) {
  const texts = Object.entries(programs).map(([name, text]) => [name, `#!/bin/sh\n${text}\n`]);
  await using folder = await makeFolder(Object.fromEntries(texts));
  for (const name of Object.keys(programs)) await Deno.chmod(`${folder.path}/${name}`, 0o700);
  const path = Deno.env.get("PATH") ?? "";
  Deno.env.set("PATH", `:${folder.path}:`);
  try {
    return await examine(parts, 10_000);
  } finally {
    Deno.env.set("PATH", path);
  }
}

const OTHERS = ["python", "sandbox", "ssh", "slurm", "kubernetes"];

Deno.test("examine() names the package of a program that is missing", async () => {
  const context = "kubectl config use-context NAME, a NAME of kubectl config get-contexts";
  const steps = [
    ["python3", "apt install python3, or set --python to an interpreter"],
    ["bwrap", "apt install bubblewrap"],
    ["ssh", "apt install openssh-client"],
    ["sbatch, squeue, scancel, sacct", "run dl_jobs on a login node of the cluster"],
    ["kubectl", `apt install kubernetes-client, then ${context}`],
  ] as const;
  assertEquals(
    await examineWith({}, OTHERS),
    steps.map(([name, mend], i) => ({
      part: OTHERS[i]!,
      isReady: false,
      text: `no folder of PATH has ${name}`,
      mend,
    })),
  );
});

Deno.test("examine() ends each failure with a step that mends it", async () => {
  const names = ["python3", "bwrap", "ssh", "sbatch", "squeue", "scancel", "sacct", "sinfo"];
  const programs = Object.fromEntries([...names, "kubectl"].map((name) => [name, "exit 3"]));
  const found = await examineWith({ ...programs, python3: "echo Python 3.7.2" }, OTHERS);
  assertEquals(found.filter(({ isReady }) => isReady), []);
  assertEquals(found.filter(({ mend }) => mend === undefined), []);
  const [cluster] = await examineWith({ kubectl: "echo no; exit 1" }, ["kubernetes"]);
  assertEquals(cluster, {
    part: "kubernetes",
    isReady: false,
    text: "the cluster does not let you create jobs",
    mend: "kubectl create rolebinding dl-jobs --clusterrole=edit --user=NAME, as its administrator",
  });
});

Deno.test("examine() does not wait for what a program has started", async () => {
  await using folder = await makeFolder({ "kubectl": "#!/bin/sh\nsleep 30\necho late\n" });
  await Deno.chmod(`${folder.path}/kubectl`, 0o700);
  const path = Deno.env.get("PATH") ?? "", began = Date.now();
  Deno.env.set("PATH", `${folder.path}:${path}`);
  try {
    assertEquals(await examine(["kubernetes"], 500), [{
      part: "kubernetes",
      isReady: false,
      text: "kubectl did not answer within 500 ms",
      mend: "kubectl config use-context NAME, a NAME of kubectl config get-contexts",
    }]);
  } finally {
    Deno.env.set("PATH", path);
  }
  assertLess(Date.now() - began, 10_000);
});
