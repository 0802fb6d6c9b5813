import { readStack } from "../../../../lib/engines/local/inspector.ts";
import { assertEquals } from "../../../support/assert.ts";

Deno.test("readStack() returns nothing when another program has the port", async (t) => {
  for (const text of ["no JSON", '{"method":"Debugger.paused","params":{"callFrames":[]}}']) {
    await t.step(text, async () => {
      await using server = Deno.serve({ port: 0, onListen() {} }, (request) => {
        const { host } = new URL(request.url);
        if (request.headers.get("upgrade") !== "websocket") {
          return Response.json([{ webSocketDebuggerUrl: `ws://${host}/` }]);
        }
        const { socket, response } = Deno.upgradeWebSocket(request);
        socket.onmessage = () => socket.send(text);
        return response;
      });
      assertEquals(await readStack(`127.0.0.1:${server.addr.port}`, 5000), undefined);
    });
  }
});
