# This text follows FUNCTION, SOURCES, FOLDERS, LATE, STANDARD and WORKER in a program.


def _start():
    import sys

    # Another machine may have another interpreter than the one that read the modules.
    if sys.version_info < (3, 8):
        text = "its interpreter {} is Python {}.{}, older than 3.8; set --python to another one"
        sys.exit(text.format(sys.executable, *sys.version_info[:2]))
    if sys.path[:1] == [__file__.rpartition("/")[0]]:
        # The folder of the program contains the files of a job, which are not modules.
        del sys.path[0]
    name = "_dl_jobs_worker.sources"
    file, _, text = WORKER[name]
    module = sys.modules[name] = type(sys)(name)
    exec(compile(text, file, "exec"), module.__dict__)
    module.install({**WORKER, **SOURCES}, FOLDERS, LATE, STANDARD)


_start()
if __name__ == "__main__":
    import sys

    from _dl_jobs_worker.arguments import decode

    options = decode(sys.argv[1])
    if "token" in options:
        import _signal

        # The worker is on a terminal, and the controller lets the running task finish.
        _signal.signal(_signal.SIGINT, lambda *_: None)
    from _dl_jobs_worker.main import serve

    # User code reads the arguments of a script that has none.
    sys.argv = [SOURCES[FUNCTION["module"]][0]]
    serve(FUNCTION, options)
