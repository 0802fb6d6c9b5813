import { type Harm, testHarm } from "../support/hostile.ts";

/** A task in Python that harms its worker: the body of `task(x)`, and the expected outcome. */
interface Case extends Harm {
  readonly python: string;
}

const DIED = { type: "WorkerDied", class: "crash" } as const;

const CASES: Readonly<Record<string, Case>> = {
  "a loop in native code": {
    python:
      "if x == 5:\n        ctypes.CDLL(None).sleep(3600)\n        ctypes.CDLL(None).sleep(3600)",
    options: { timeout: 2, grace: 0.2 },
    error: {
      type: "Timeout",
      message: /^it ran longer than the timeout of 2 s( and was killed)?$/,
    },
    class: "timeout",
  },
  "a task that ignores its cancellation": {
    python: `while x == 5:
        try:
            time.sleep(3600)
        except BaseException:
            pass`,
    options: { timeout: 2, grace: 0.2 },
    error: { type: "Timeout", message: "it ran longer than the timeout of 2 s and was killed" },
    class: "timeout",
  },
  "a task that needs more memory than there is": {
    python: "if x == 5:\n        bytearray(10**15)",
    error: { type: "MemoryError", message: "it ran out of memory" },
    class: "oom",
  },
  "sys.exit() with a text": {
    python: "if x == 5:\n        sys.exit('no tile')",
    error: { type: "Error", message: "the task called exit(1): no tile" },
    class: "crash",
    log: /^no tile$/m,
  },
  "os._exit()": {
    python: "if x == 5:\n        os._exit(3)",
    error: { type: DIED.type, message: "its worker exited with code 3" },
    class: DIED.class,
  },
  "a segmentation fault": {
    python: "if x == 5:\n        ctypes.string_at(0)",
    error: {
      type: DIED.type,
      message: /^its worker was killed by SIGSEGV: File ".*", line \d+ in /,
    },
    class: DIED.class,
    log: /^Fatal Python error: Segmentation fault$/m,
  },
  "a signal without a name": {
    python: "if x == 5:\n        os.kill(os.getpid(), 34)",
    error: { type: DIED.type, message: "its worker was killed by signal 34" },
    class: DIED.class,
  },
  "KeyboardInterrupt": {
    python: "if x == 5:\n        raise KeyboardInterrupt",
    error: { type: "KeyboardInterrupt", message: "KeyboardInterrupt" },
    class: "error",
  },
  "SIGINT": {
    python: "if x == 5:\n        os.kill(os.getpid(), signal.SIGINT)\n        time.sleep(1)",
    error: { type: "KeyboardInterrupt", message: "KeyboardInterrupt" },
    class: "error",
  },
  "an endless recursion": {
    python: "def again():\n        again()\n    if x == 5:\n        again()",
    error: { type: "RecursionError", message: /^maximum recursion depth exceeded/ },
    class: "error",
  },
  "an exception without a text": {
    python: `class Broken(Exception):
        def __str__(self):
            raise ValueError("no text")
    if x == 5:
        raise Broken`,
    error: { type: "Broken", message: "Broken" },
    class: "error",
  },
  ...Object.fromEntries([1, 2].map((concurrency) => [
    `an exception whose attributes cannot be read, ${concurrency} at a time`,
    {
      python: `class ApiError(Exception):
        def __getattr__(self, name):
            return getattr(self.response, name)
    if x == 5:
        raise ApiError("quota exceeded")`,
      options: { concurrency, workers: 1 },
      error: { type: "ApiError", message: "quota exceeded" },
      class: "error",
    } as const,
  ])),
  "a fork that returns as well": { python: "if x == 5:\n        os.fork()" },
  "a fork of native code": { python: "if x == 5:\n        ctypes.CDLL(None).fork()" },
  "a fork that writes": {
    python: "if x == 5 and os.fork() == 0:\n        print('the child')\n        os._exit(0)\n    " +
      "if x == 5:\n        os.wait()",
    log: /^the child$/m,
  },
  "forks that fail, whose status the task reads": {
    python: `if x == 5:
        def status_of(run):
            child = os.fork()
            if child == 0:
                run()
            return os.WEXITSTATUS(os.waitpid(child, 0)[1])
        def fail():
            kept = open("part.txt", "w")
            kept.write("whole")
            raise ValueError("in the child")
        assert status_of(lambda: sys.exit(3)) == 3
        assert status_of(fail) == 1
        assert open("part.txt").read() == "whole"`,
    log: /^ValueError: in the child$/m,
  },
  "a thread that never ends": {
    python: "if x == 5:\n        threading.Thread(target=time.sleep, args=(3600,)).start()",
    options: { grace: 0.2 },
    log: /^Cannot wait longer for threads that tasks have left: after 3.5 s, these run: Thread-1/m,
  },
  "a thread that writes": {
    python: `def write():
        for i in range(1000):
            print("line", i)
    thread = threading.Thread(target=write)
    thread.start()
    print("main")
    thread.join()`,
    log: /^line 999$/m,
  },
  "a function at exit that never ends": {
    python: "import atexit\n    if x == 5:\n        atexit.register(time.sleep, 3600)",
  },
  "a task that closes all descriptors": {
    python: "if x == 5:\n        os.closerange(0, 10_000)",
    error: { type: DIED.type, message: "its worker exited with code 1" },
    class: DIED.class,
  },
  "a task that closes low descriptors": { python: "if x == 5:\n        os.closerange(3, 256)" },
  "a task that writes to all descriptors": {
    python: `for fd in range(2000 if x == 5 else 0):
        try:
            os.write(fd, b'{"id":6,"result":0}\\n\\x1e')
        except OSError:
            pass`,
    error: {
      type: "InvalidResponse",
      message: /^its worker sent an invalid response and was killed: a block does not begin with /,
    },
    class: "crash",
  },
  "a task that removes stdout": { python: "sys.stdout = sys.stderr = None" },
  "a task that reads a line of stdin": {
    python: "if x == 5:\n        input()",
    error: { type: "EOFError", message: "EOF when reading a line" },
    class: "error",
  },
  "a list that contains itself": {
    python: "loop = []\n    loop.append(loop)\n    if x == 5:\n        return loop",
    error: {
      type: "TypeError",
      message: "Cannot write result[0]: it contains itself, use a copy without the cycle",
    },
    class: "error",
  },
};

for (const [name, { python, ...harm }] of Object.entries(CASES)) {
  testHarm(name, { kind: "python", python }, harm);
}
