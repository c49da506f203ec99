#!/usr/bin/python3
"""Records a fixed conversation with a real kernel, for the tests beside this file.

    ./record.py KERNELSPEC OUT.jsonl        for example: ./record.py python3 ipykernel.jsonl

Needs Debian's python3-zmq and python3-jupyter-client, and the kernel's own package. Each line of the
file is one JSON object. The first says who was recorded and with which key; the others are multipart
messages as this client sent ("out") or received ("in") them, in the order in which they were handled:

    {"kernel": …, "key": …, "signature_scheme": …, "session": …}
    {"way": "in", "channel": "iopub", "step": "print", "frames": […]}

A frame is a string if its bytes are UTF-8, else {"base64": "…"}. "hb" lines are heartbeats. Routing
identities of a DEALER are not seen by it, so only iopub lines have frames before the delimiter.
"""
import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid

import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.connect import write_connection_file

CELLS = {
    "python": {
        "print": "import sys\nprint('hello\\n\\u00fc \\u2603')\nprint('to stderr', file=sys.stderr)",
        "expression": "1+1",
        "error": "1/0",
        "input": "print('got ' + input('Name? '))",
        "display": "from IPython.display import display, HTML\n"
                   "d = display(HTML('<b>one</b>'), display_id=True)\nd.update(HTML('<b>two</b>'))",
        # xeus-python dies of a comm whose target is not known to the kernel.
        "comm": "get_ipython().kernel.comm_manager.register_target('recorded', lambda comm, message: None)\n"
                "from ipykernel.comm import Comm\n"
                "c = Comm(target_name='recorded', data={'a': 1}, buffers=[b'\\x00\\xff\\x80', b''])\n"
                "c.send({'b': [1, 2]}, buffers=[bytes(range(256))])\nc.close()",
        "fail slowly": "import time\ntime.sleep(0.5)\nraise ValueError('first')",
        "sleep": "import time\nprint('sleeping', flush=True)\ntime.sleep(60)",
    },
    "R": {
        "print": "cat('hello\\n\\u00fc \\u2603\\n')\nmessage('to stderr')",
        "expression": "1+1",
        "error": "stop('first')",
        "input": "cat(paste('got', readline('Name? ')))",
        "display": "IRdisplay::display_html('<b>one</b>')",
        "comm": "NULL",
        "fail slowly": "Sys.sleep(0.5)\nstop('first')",
        "sleep": "cat('sleeping\\n'); flush.console()\nSys.sleep(60)",
    },
}


class Recorder:
    def __init__(self, spec_name, path):
        self.spec = KernelSpecManager().get_kernel_spec(spec_name)
        self.folder = tempfile.mkdtemp(prefix="record-")
        self.file, self.info = write_connection_file(
            os.path.join(self.folder, "connection.json"), ip="127.0.0.1", key=uuid.uuid4().hex.encode())
        self.key = self.info["key"].encode()
        self.session = uuid.uuid4().hex
        self.out = open(path, "w", encoding="utf-8")
        self.write({"kernel": spec_name, "key": self.key.decode(), "signature_scheme": "hmac-sha256", "session": self.session})
        argv = [part.replace("{connection_file}", self.file) for part in self.spec.argv]
        env = {**os.environ, "HOME": self.folder, "IPYTHONDIR": self.folder, "PYTHONWARNINGS": "ignore"}
        self.process = subprocess.Popen(
            argv, env=env, cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        context = zmq.Context.instance()
        self.sockets = {}
        self.poller = zmq.Poller()
        for channel, kind, port in [("shell", zmq.DEALER, "shell_port"), ("control", zmq.DEALER, "control_port"),
                                    ("stdin", zmq.DEALER, "stdin_port"), ("iopub", zmq.SUB, "iopub_port"),
                                    ("hb", zmq.REQ, "hb_port")]:
            socket = context.socket(kind)
            socket.linger = 0
            if kind == zmq.DEALER:
                socket.identity = self.session.encode()
            if kind == zmq.SUB:
                socket.subscribe(b"")
            socket.connect(f"tcp://127.0.0.1:{self.info[port]}")
            self.sockets[channel] = socket
            self.poller.register(socket, zmq.POLLIN)
        self.step = "start"
        self.seen = []

    def write(self, line):
        self.out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def note(self, way, channel, frames):
        def frame(raw):
            try:
                return raw.decode()
            except UnicodeDecodeError:
                return {"base64": base64.b64encode(raw).decode()}
        self.write({"way": way, "channel": channel, "step": self.step, "frames": [frame(f) for f in frames]})

    def send(self, channel, msg_type, content, parent=None, buffers=()):
        header = {"msg_id": uuid.uuid4().hex, "session": self.session, "username": "recorder",
                  "date": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime()), "msg_type": msg_type,
                  "version": "5.3"}
        parts = [json.dumps(p).encode() for p in (header, parent or {}, {}, content)]
        signature = hmac.new(self.key, b"".join(parts), hashlib.sha256).hexdigest().encode()
        frames = [b"<IDS|MSG>", signature, *parts, *buffers]
        self.note("out", channel, frames)
        self.sockets[channel].send_multipart(frames)
        return header

    def receive(self, timeout):
        """Notes what comes within the time; returns the parsed messages."""
        got = []
        for socket, _ in self.poller.poll(timeout * 1000):
            channel = next(name for name, s in self.sockets.items() if s is socket)
            frames = socket.recv_multipart()
            self.note("in", channel, frames)
            if channel != "hb":
                at = frames.index(b"<IDS|MSG>")
                header, parent, _, content = (json.loads(f) for f in frames[at + 2:at + 6])
                got.append((channel, header, parent or {}, content))
        self.seen += got
        return got

    def until(self, wanted, timeout=15):
        """Receives until a message satisfies the wish, then whatever follows at once."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for message in self.receive(0.1):
                if wanted(*message):
                    return message
        return None

    def finish(self, header, timeout=15, reply=True):
        """Receives until reply and idle came, and a little longer."""
        missing = {"idle"} | ({"reply"} if reply else set())
        end = time.monotonic() + timeout
        while missing and time.monotonic() < end:
            for channel, head, parent, content in self.receive(0.1):
                if parent.get("msg_id") != header["msg_id"]:
                    continue
                if channel == "iopub" and content.get("execution_state") == "idle":
                    missing.discard("idle")
                if channel in ("shell", "control"):
                    missing.discard("reply")
        while self.receive(0.2):
            pass

    def execute(self, code, **more):
        return self.send("shell", "execute_request", {
            "code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True,
            "stop_on_error": True, **more})

    def run(self):
        cells = CELLS.get(self.spec.language, CELLS["python"])
        self.step = "start"
        while not any(m[0] == "iopub" for m in self.seen) or not any(m[0] == "shell" for m in self.seen):
            self.send("shell", "kernel_info_request", {})
            self.until(lambda channel, *_: channel == "iopub", 1.0)
        while self.receive(0.3):
            pass
        self.step = "kernel_info on control"
        self.finish(self.send("control", "kernel_info_request", {}), timeout=2)
        self.step = "heartbeat"
        self.note("out", "hb", [b"ping"])
        self.sockets["hb"].send(b"ping")
        self.until(lambda *_: False, 0.5)
        for step in ("print", "expression", "error", "display", "comm"):
            self.step = step
            self.finish(self.execute(cells[step]))
        self.step = "input"
        header = self.execute(cells["input"])
        asked = self.until(lambda channel, *_: channel == "stdin")
        if asked:
            self.send("stdin", "input_reply", {"value": "Zoe"}, parent=asked[1])
        self.finish(header)
        self.step = "comm from the client"
        self.finish(self.send("shell", "comm_open", {"comm_id": "c1", "target_name": "nobody", "data": {}},
                              buffers=[b"\x00\x01\xff", b""]), reply=False, timeout=3)
        self.step = "comm_info"
        self.finish(self.send("shell", "comm_info_request", {}))
        self.step = "complete"
        self.finish(self.send("shell", "complete_request", {"code": "pri", "cursor_pos": 3}), timeout=5)
        self.step = "abort"
        self.execute(cells["fail slowly"])
        self.finish(self.execute("2+2"), timeout=3)
        self.step = "unknown type"
        self.finish(self.send("shell", "never_heard_request", {}), timeout=1)
        self.step = "interrupt"
        header = self.execute(cells["sleep"])
        self.until(lambda channel, head, *_: head["msg_type"] == "stream")
        self.send("control", "interrupt_request", {})
        if not self.until(lambda channel, *_: channel == "control", 1):
            os.killpg(self.process.pid, signal.SIGINT)
        self.finish(header, timeout=5)
        self.step = "shutdown"
        self.send("control", "shutdown_request", {"restart": False})
        self.until(lambda *_: False, 2)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.out.close()


if __name__ == "__main__":
    Recorder(sys.argv[1], sys.argv[2]).run()
