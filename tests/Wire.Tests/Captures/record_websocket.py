#!/usr/bin/python3
"""Has Jupyter Server's own code frame recorded kernel messages for WebSockets, for the tests beside this file.

    ./record_websocket.py ipykernel.jsonl jupyter-server.jsonl

Needs Debian's python3-jupyter-server. One JSON object a line, a message each:

    {"channel": …, "parts": [header, parent_header, metadata, content], "buffers": [base64, …],
     "v1": base64 of the binary frame, "legacy": the text frame, or {"base64": …} of the binary one}
"""
import base64
import json
import sys

from jupyter_client.session import Session
from jupyter_server.base.zmqhandlers import ZMQStreamHandler, serialize_msg_to_ws_v1


def raw(frame):
    return frame.encode() if isinstance(frame, str) else base64.b64decode(frame["base64"])


def main(source, target):
    lines = [json.loads(line) for line in open(source, encoding="utf-8")]
    session = Session(key=lines[0]["key"].encode())
    wanted = {"stream", "comm_open", "comm_msg", "execute_reply", "error", "input_request"}
    handler = type("Handler", (), {"session": session, "_reserialize_reply": ZMQStreamHandler._reserialize_reply})()
    with open(target, "w", encoding="utf-8") as out:
        for line in lines[1:]:
            frames = [raw(frame) for frame in line["frames"]]
            if line["way"] != "in" or line["channel"] == "hb":
                continue
            at = frames.index(b"<IDS|MSG>")
            kind = json.loads(frames[at + 2])["msg_type"]
            if kind not in wanted:
                continue
            wanted.discard(kind)
            legacy = handler._reserialize_reply(frames, channel=line["channel"])
            out.write(json.dumps({
                "channel": line["channel"],
                "parts": [frame.decode() for frame in frames[at + 2:at + 6]],
                "buffers": [base64.b64encode(frame).decode() for frame in frames[at + 6:]],
                "v1": base64.b64encode(serialize_msg_to_ws_v1(frames[at + 2:], line["channel"])).decode(),
                "legacy": legacy if isinstance(legacy, str) else {"base64": base64.b64encode(legacy).decode()},
            }, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
