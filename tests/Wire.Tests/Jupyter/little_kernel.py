"""A kernel for what Debian's kernels are too old for. It prints the code of a cell, asks for input when the code is `ask`, and shuts down.

With CURVE keys in its connection file every socket is a CURVE server, as of ipykernel 7.3. Given a registration file it chooses its ports and
registers them, as kernels made with xeus-zmq do.
"""

import hashlib
import hmac
import json
import sys
import uuid
from datetime import datetime, timezone

import zmq

DELIMITER = b"<IDS|MSG>"

with open(sys.argv[1]) as file:
    info = json.load(file)
context = zmq.Context()
session = uuid.uuid4().hex


def url(channel):
    separator = "-" if info["transport"] == "ipc" else ":"
    return f"{info['transport']}://{info['ip']}{separator}{info[channel + '_port']}"


def bind(kind, channel):
    socket = context.socket(kind)
    socket.linger = 1000
    if "curve_publickey" in info:
        socket.curve_publickey = info["curve_publickey"].encode()
        socket.curve_secretkey = info["curve_secretkey"].encode()
        socket.curve_server = True
    if "registration_port" in info:
        info[channel + "_port"] = str(socket.bind_to_random_port(f"tcp://{info['ip']}"))
    else:
        socket.bind(url(channel))
    return socket


shell, control, stdin = (bind(zmq.ROUTER, name) for name in ("shell", "control", "stdin"))
iopub = bind(zmq.XPUB, "iopub")
heartbeat = bind(zmq.REP, "hb")


def sign(parts):
    return hmac.new(info["key"].encode(), b"".join(parts), hashlib.sha256).hexdigest().encode()


def send(socket, identity, kind, content, parent):
    header = {
        "msg_id": uuid.uuid4().hex, "session": session, "username": "kernel", "msg_type": kind, "version": "5.4",
        "date": datetime.now(timezone.utc).isoformat(),
    }
    parts = [json.dumps(part).encode() for part in (header, parent, {}, content)]
    socket.send_multipart([identity, DELIMITER, sign(parts), *parts])


def receive(socket):
    frames = socket.recv_multipart()
    at = frames.index(DELIMITER)
    parts = frames[at + 2 : at + 6]
    if frames[at + 1] != sign(parts):
        raise SystemExit("wrong signature")
    return frames[0], json.loads(parts[0]), json.loads(parts[3])


def publish(kind, content, parent):
    send(iopub, kind.encode(), kind, content, parent)


def execute(socket, identity, header, content):
    publish("execute_input", {"code": content["code"], "execution_count": 1}, header)
    text = content["code"]
    if text == "ask":
        send(stdin, identity, "input_request", {"prompt": "? ", "password": False}, header)
        text = receive(stdin)[2]["value"]
    publish("stream", {"name": "stdout", "text": text}, header)
    send(socket, identity, "execute_reply", {"status": "ok", "execution_count": 1, "user_expressions": {}}, header)


def register():
    names = ["kernel_id", "control_port", "shell_port", "stdin_port", "iopub_port", "hb_port"]
    content = json.dumps({name: info[name] for name in names}).encode()
    socket = context.socket(zmq.DEALER)
    socket.rcvtimeo = 60_000
    socket.connect(f"{info['transport']}://{info['registration_ip']}:{info['registration_port']}")
    # As somebody else on the machine would who does not know the key.
    socket.send_multipart([DELIMITER, b"0" * 64, content])
    socket.send_multipart([DELIMITER, sign([content]), content])
    delimiter, signature, answer = socket.recv_multipart()
    if signature != sign([answer]):
        raise SystemExit("wrong signature of the acknowledgement")
    socket.close()


if "registration_port" in info:
    register()
poller = zmq.Poller()
for socket in (shell, control, heartbeat, iopub):
    poller.register(socket, zmq.POLLIN)
while True:
    for socket, _ in poller.poll():
        if socket is heartbeat:
            socket.send_multipart(socket.recv_multipart())
            continue
        if socket is iopub:
            socket.recv_multipart()
            continue
        identity, header, content = receive(socket)
        kind = header["msg_type"]
        publish("status", {"execution_state": "busy"}, header)
        if kind == "kernel_info_request":
            send(socket, identity, "kernel_info_reply", {"status": "ok", "implementation": "curve"}, header)
        elif kind == "execute_request":
            execute(socket, identity, header, content)
        publish("status", {"execution_state": "idle"}, header)
        if kind == "shutdown_request":
            send(socket, identity, "shutdown_reply", {"status": "ok", "restart": False}, header)
            context.destroy(linger=1000)
            sys.exit()
