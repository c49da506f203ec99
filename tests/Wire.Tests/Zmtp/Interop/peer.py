"""A libzmq peer that does what it is told: one JSON command a line on standard input, one JSON answer a line on standard output.

Frames are base64. Every wait ends after TIMEOUT_MS, so that a test that fails does not hang.
"""

import base64
import json
import sys

import zmq
from zmq.auth.thread import ThreadAuthenticator

TIMEOUT_MS = 60_000

context = zmq.Context()
socket = None
authenticator = None


def decode(frames):
    return [base64.b64decode(frame) for frame in frames]


def encode(frames):
    return [base64.b64encode(frame).decode() for frame in frames]


def open_socket(command):
    global socket
    socket = context.socket(getattr(zmq, command["type"]))
    socket.linger = 1000
    socket.rcvtimeo = socket.sndtimeo = TIMEOUT_MS
    for name, value in command.get("options", {}).items():
        socket.setsockopt(getattr(zmq, name), value)
    if "curve" in command:
        set_curve(command["curve"])
    if command.get("identity"):
        socket.setsockopt(zmq.IDENTITY, command["identity"].encode())
    if command["type"] == "SUB" and "topic" in command:
        socket.setsockopt(zmq.SUBSCRIBE, command["topic"].encode())
    if "bind" in command:
        socket.bind(command["bind"])
        return {"endpoint": socket.last_endpoint.rstrip(b"\0").decode()}
    socket.connect(command["connect"])
    return {}


def set_curve(curve):
    """As a server, or with a server's key as a client; `admits` is the list of client keys the authenticator lets in."""
    global authenticator
    socket.curve_publickey = curve["public"].encode()
    socket.curve_secretkey = curve["secret"].encode()
    if "server" in curve:
        socket.curve_serverkey = curve["server"].encode()
        return
    socket.curve_server = True
    if "admits" in curve:
        authenticator = ThreadAuthenticator(context)
        authenticator.start()
        authenticator.configure_curve_callback(credentials_provider=Admits(curve["admits"]))


class Admits:
    def __init__(self, keys):
        self.keys = [key.encode() for key in keys]

    def callback(self, domain, key):
        return key in self.keys


def curve_keypair(command):
    public, secret = zmq.curve_keypair()
    return {"public": public.decode(), "secret": secret.decode()}


def send(command):
    socket.send_multipart(decode(command["frames"]))
    return {}


def send_many(command):
    """Messages of two frames: their number, and `size` bytes."""
    body = b"x" * command["size"]
    for number in range(command["count"]):
        socket.send_multipart([b"%d" % number, body])
    return {}


def receive(command):
    return {"frames": encode(socket.recv_multipart())}


def receive_many(command):
    """How many messages came in the order of their numbers, which stand in the frame before the last."""
    for number in range(command["count"]):
        if int(socket.recv_multipart()[-2]) != number:
            return {"count": number}
    return {"count": command["count"]}


def receive_nothing(command):
    return {"nothing": socket.poll(command["milliseconds"]) == 0}


def subscribe(command):
    socket.setsockopt(zmq.SUBSCRIBE if command["on"] else zmq.UNSUBSCRIBE, command["topic"].encode())
    return {}


def echo(command):
    for _ in range(command["count"]):
        socket.send_multipart(socket.recv_multipart())
    return {}


def close(command):
    socket.close()
    return {}


def version(command):
    return {"version": zmq.zmq_version()}


ACTIONS = {
    "open": open_socket,
    "send": send,
    "send_many": send_many,
    "receive": receive,
    "receive_many": receive_many,
    "receive_nothing": receive_nothing,
    "subscribe": subscribe,
    "echo": echo,
    "close": close,
    "version": version,
    "curve_keypair": curve_keypair,
}

for line in sys.stdin:
    command = json.loads(line)
    try:
        answer = ACTIONS[command["do"]](command)
    except zmq.ZMQError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
if authenticator:
    authenticator.stop()
context.destroy(linger=0)
