"""Serves example receivers from one process: `NAME listening on URL` for each."""
import builtins, pathlib, sys, threading


def serve(path):
    ready = threading.Event()

    def say(text, **_):
        sys.stdout.write(f"{path.stem} {text}\n")
        sys.stdout.flush()
        ready.set()

    builtins.print = say
    names = {"__name__": "__main__", "__file__": str(path)}
    threading.Thread(target=exec, args=[compile(path.read_text(), str(path), "exec"), names], daemon=True).start()
    ready.wait()


for path in sys.argv[1:]:
    serve(pathlib.Path(path))
threading.Event().wait()
