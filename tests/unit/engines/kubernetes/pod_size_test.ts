import { parseKubernetesOptions } from "../../../../lib/engines/kubernetes/options.ts";
import {
  bytesOf,
  knownSizes,
  settingsOfSize,
} from "../../../../lib/engines/kubernetes/pod_size.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("settingsOfSize() multiplies the memory, and takes a quarter of the pods", () => {
  const settings = parseKubernetesOptions({ pods: "10", memory: "8Gi" });
  const sizes = [1, 1.5, 2.25].map((growth) => settingsOfSize(settings, growth));
  assertEquals(sizes.map(({ memory, pods }) => [memory, pods]), [
    ["8Gi", 10],
    ["12Gi", 3],
    ["18Gi", 3],
  ]);
});

Deno.test("settingsOfSize() keeps pods without a limit", () => {
  const settings = parseKubernetesOptions({ pods: "10" });
  assertEquals(settingsOfSize(settings, 2), settings);
});

Deno.test("bytesOf() reads the units of Kubernetes", () => {
  const texts = ["512", "1k", "1.5Gi", "2M", "1Ki"];
  assertEquals(texts.map(bytesOf), [512, 1000, 1.5 * 2 ** 30, 2_000_000, 1024]);
});

Deno.test("knownSizes() lists the sizes that a job has used", async () => {
  await using folder = await makeFolder({ "kubernetes/x2/job.json": "{}" });
  assertEquals(knownSizes(folder.path), ["kubernetes", "kubernetes/x2"]);
  assertEquals(knownSizes(`${folder.path}/other`), ["kubernetes"]);
});
