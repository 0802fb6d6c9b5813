/**
 * The user's PodTemplate.
 *
 * @module
 */

import { readPodTemplate } from "../../../../lib/engines/kubernetes/template.ts";
import { UsageError } from "../../../../lib/util/errors.ts";
import { makeFolder } from "../../../../tools/support/files.ts";
import { assertEquals, assertRejects } from "../../../support/assert.ts";

Deno.test("readPodTemplate() reads values as kubectl does", async () => {
  await using folder = await makeFolder();
  await folder.write(
    "pod.yaml",
    `\ufefftemplate:
  metadata:
    annotations: { until: 2024-01-01, at: 2024-01-01T10:00:00Z, time: 1:30:00, text: "0400" }
  spec:
    volumes:
      - { name: key, secret: { secretName: key, defaultMode: 0400 } }
    containers:
      - &first
        name: a
        resources: { limits: { cpu: 1.5 } }
        tty: true
      - { <<: *first, name: b }
      - { name: c, env: { <<: [{ a: 1, b: 2 }, { b: 3, c: { <<: { d: 4 } } }], a: 5 } }
`,
  );
  const limits = { resources: { limits: { cpu: 1.5 } }, tty: true };
  const annotations = {
    until: "2024-01-01",
    at: "2024-01-01T10:00:00Z",
    time: "1:30:00",
    text: "0400",
  };
  assertEquals(await readPodTemplate(`${folder.path}/pod.yaml`), {
    metadata: { annotations },
    spec: {
      volumes: [{ name: "key", secret: { secretName: "key", defaultMode: 0o400 } }],
      containers: [
        { name: "a", ...limits },
        { ...limits, name: "b" },
        { name: "c", env: { a: 5, b: 2, c: { d: 4 } } },
      ],
    },
  });
});

Deno.test("readPodTemplate() names a file that is not a template", async () => {
  await using folder = await makeFolder();
  const path = `${folder.path}/pod.yaml`;
  await folder.write("pod.yaml", "metadata: {}\n");
  await assertRejects(
    () => readPodTemplate(path),
    UsageError,
    `Cannot use ${path} as template in the option kubernetes: it has no spec, write a PodTemplate ` +
      "with spec in YAML or JSON",
  );
});
