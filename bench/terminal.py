"""A program in a pseudo terminal, and how long its screen takes to show what a key does.

argv: columns, rows, command... Standard input has one JSON object a line: {"keys", "expect", "timeout"},
where `expect` is a regular expression over the screen's lines. The answer, a line too, has the
milliseconds from the write of the key to the frame that shows it, and the screen.
Knows just the sequences that carvos writes; anything else is ignored.
"""
import fcntl, json, os, pty, re, select, signal, struct, sys, termios, time

columns, rows = int(sys.argv[1]), int(sys.argv[2])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[3], sys.argv[3:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
os.kill(pid, signal.SIGWINCH)

screen = [""] * rows
row = 0
pending = ""
SEQUENCE = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b\][^\x07]*\x07")


def draw(text):
    """Applies whole sequences; what is left of one stays for the next chunk."""
    global row, pending
    text = pending + text
    cut = text.rfind("\x1b")
    pending = ""
    if cut >= 0 and not SEQUENCE.match(text, cut):
        text, pending = text[:cut], text[cut:]
    at = 0
    while at < len(text):
        found = SEQUENCE.search(text, at)
        end = found.start() if found else len(text)
        if 0 <= row < rows:
            screen[row] += text[at:end].replace("\r", "").replace("\n", "")
        if not found:
            break
        at = found.end()
        kind, argument = found.group(2), found.group(1)
        if kind == "H":
            row = int(argument.split(";")[0] or 1) - 1 if argument else 0
            if 0 <= row < rows:
                screen[row] = ""
        elif kind == "J":
            for line in range(0 if argument == "2" else row, rows):
                screen[line] = ""


decode = __import__("codecs").getincrementaldecoder("utf-8")("replace").decode


def read():
    data = os.read(terminal, 1 << 16)
    draw(decode(data))
    return time.perf_counter()


def answer(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


answer({"pid": pid})
requests = b""
asked = None
try:
    while True:
        ready, _, _ = select.select([terminal, 0], [], [], 0.5)
        now = time.perf_counter()
        if terminal in ready:
            now = read()
        if asked and (re.search(asked["expect"], "\n".join(screen)) or now - asked["from"] > asked["timeout"]):
            found = re.search(asked["expect"], "\n".join(screen)) is not None
            answer({"ms": (now - asked["from"]) * 1000 if found else None, "screen": screen})
            asked = None
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                break
            requests += data
            while b"\n" in requests:
                line, requests = requests.split(b"\n", 1)
                asked = json.loads(line)
                asked.setdefault("timeout", 10)
                asked["from"] = time.perf_counter()
                if asked["keys"]:
                    os.write(terminal, asked["keys"].encode())
                elif re.search(asked["expect"], "\n".join(screen)):
                    answer({"ms": 0, "screen": screen})
                    asked = None
except OSError:
    answer({"ms": None, "screen": screen, "ended": True})
