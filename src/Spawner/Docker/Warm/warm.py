# A kernel that is nobody's yet. Imports what every kernel imports, waits until it is told whose it is, and becomes that
# person's kernel in the same process, as "python3 -m ipykernel_launcher" would have started it.
# Arguments: the directory shared with the hub, then the modules to import.
def _warm():
    import faulthandler  # noqa: F401
    import importlib
    import json
    import os
    import random
    import runpy
    import site
    import sys
    import time

    place, modules = sys.argv[1], sys.argv[2:]
    # "-c" puts the working directory on the path, and no module is to come from there.
    if sys.path and sys.path[0] == "":
        del sys.path[0]
    from ipykernel import kernelapp  # noqa: F401
    from IPython.core import completerlib  # noqa: F401
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as failed:
            print(f"{name} was not imported ahead: {failed!r}", file=sys.stderr, flush=True)

    # Its being there says that the imports are done; a byte through it, that the hand-over is there. Nothing wakes up until then.
    bell = f"{place}/warm"
    os.mkfifo(bell, 0o600)
    waiting = os.open(bell, os.O_RDWR | os.O_CLOEXEC)
    if not os.read(waiting, 1):
        sys.exit(111)
    os.close(waiting)
    os.unlink(bell)
    with open(f"{place}/file/handover.json", encoding="utf-8") as file:
        given = json.load(file)
    os.unlink(f"{place}/file/handover.json")

    for name in given["remove"]:
        os.environ.pop(name, None)
    os.environ.update(given["environment"])
    time.tzset()
    try:
        os.chdir(given["directory"])
    except OSError:
        try:
            os.chdir(given["home"])
        except OSError:
            sys.exit(126)
    # As a shell leaves them.
    os.environ["OLDPWD"], os.environ["PWD"] = "/", os.getcwd()
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()

    command = given["command"]
    module = command.index("-m") + 1
    if _is_personal(site, sys, os) or not hasattr(runpy, "_run_module_as_main"):
        sys.stdout.flush()
        sys.stderr.flush()
        os.execvp(command[0], command)
    sys.argv[:] = ["-m", *command[module + 1:]]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = command
    if not sys.flags.isolated and not getattr(sys.flags, "safe_path", False):
        sys.path.insert(0, os.getcwd())
    return runpy._run_module_as_main, command[module]


# The home was not there when Python looked for packages in it. Puts them where they belong; true when they could have changed
# what is imported already, so that only a new interpreter does them justice.
def _is_personal(site, sys, os):
    if not site.ENABLE_USER_SITE:
        return False
    site.USER_BASE = site.USER_SITE = None
    own = site.getusersitepackages()
    try:
        entries = os.listdir(own)
    except OSError:
        return False
    taken = {name.partition(".")[0] for name in sys.modules}
    for entry in entries:
        name = entry.partition(".")[0]
        if name in taken or name in ("usercustomize", "sitecustomize") or entry.endswith(".pth"):
            return True
    shared = [sys.path.index(path) for path in getattr(site, "getsitepackages", list)() if path in sys.path]
    sys.path.insert(min(shared, default=len(sys.path)), own)
    return False


_run, _module = _warm()
del _warm, _is_personal
_run(_module)
