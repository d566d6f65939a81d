"""Mends a wrong receiver with the tools of `carvos mcp`, as an assistant would, over JSON-RPC written by hand.

mcp-fix.py CARVOS RECEIVER: prints what each step got, as one JSON object.
"""
import json
import pathlib
import re
import subprocess
import sys

CARVOS, RECEIVER = sys.argv[1:]


class Client:
    def __init__(self):
        command = ["node", CARVOS, "mcp", "--allow-write"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        self.last_id = 0

    def notify(self, method):
        self.write({"jsonrpc": "2.0", "method": method})

    def ask(self, method, params):
        self.last_id += 1
        self.write({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params})
        answer = json.loads(self.process.stdout.readline())
        assert answer["jsonrpc"] == "2.0" and answer["id"] == self.last_id, answer
        return answer["result"]

    def tool(self, name, **arguments):
        result = self.ask("tools/call", {"name": name, "arguments": arguments})
        (content,) = result["content"]
        return {"is_error": result.get("isError", False), **json.loads(content["text"])}

    def write(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()


def start_receiver():
    receiver = subprocess.Popen([sys.executable, RECEIVER], stdout=subprocess.PIPE, text=True)
    assert receiver.stdout.readline().startswith("listening")
    return receiver


client = Client()
hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "by hand", "version": "1"}}
server = client.ask("initialize", hello)
client.notify("notifications/initialized")
tools = client.ask("tools/list", {})["tools"]

# Send, and see that it is refused.
receiver = start_receiver()
sent = client.tool("send", event="candidate.created", set={"first_name": "José"})
delivery = sent["deliveries"][0]["id"]
waited = client.tool("wait", where={"reference_id": sent["reference_id"], "outcome": "delivered"}, timeout_ms=0)

# What the receiver computed for the first attempt stands in its own log.
computed = re.search("[0-9a-f]{64}", receiver.stdout.readline())[0]
explained = client.tool("explain", delivery=f"{delivery}/1", computed=computed)

# Change it, start it again, and deliver again.
path = pathlib.Path(RECEIVER)
path.write_text(path.read_text().replace("json.dumps(json.loads(raw)).encode()", "raw"))
receiver.kill()
receiver.wait()
receiver = start_receiver()
replayed = client.tool("replay", delivery=delivery)
fresh = client.tool("send", event="candidate.created", expect=["outcome=delivered"])
after = client.tool("wait", where={"reference_id": fresh["reference_id"], "status": "success"})
receiver.kill()
receiver.wait()

client.process.stdin.close()
steps = {"server": server["serverInfo"], "tools": [tool["name"] for tool in tools], "sent": sent, "waited": waited,
         "explained": explained, "replayed": replayed, "after": after, "exit": client.process.wait()}
print(json.dumps(steps))
