"""What a test in another language does under `carvos exec`: only Python's standard library, nothing of carvos."""
import hashlib, hmac, json, os, sys, threading, time, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

names = ["URL", "ATS_ID", "API_KEY", "INCOMING_SECRET", "OUTGOING_SECRET", "CONTROL_URL", "CONTROL_TOKEN"]
env = {name: os.environ["CARVOS_" + name] for name in names}
received, arrived = [], threading.Event()


def signature(secret, t, raw):
    return hmac.new(secret.encode(), f"{t}.".encode() + raw, hashlib.sha256).hexdigest()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        parts = dict(part.split("=", 1) for part in self.headers["X-Webhook-Signature"].split(","))
        valid = hmac.compare_digest(signature(env["OUTGOING_SECRET"], parts["t"], raw), parts["v1"])
        received.append((valid, json.loads(raw)))
        self.send_response(200 if valid else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()
        arrived.set()

    def log_message(self, *_):
        pass


def call(method, url, body=None, headers={}):
    data = None if body is None else (body if isinstance(body, bytes) else json.dumps(body).encode())
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers}, method=method)
    with urllib.request.urlopen(request, timeout=40) as answer:
        return answer.status, json.loads(answer.read())


def control(method, path, body=None):
    return call(method, env["CONTROL_URL"] + path, body, {"Authorization": "Bearer " + env["CONTROL_TOKEN"]})


# From here on deliveries go to it and not to the built-in receiver.
server = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
status, ats = control("PATCH", f"/ats/{env['ATS_ID']}", {"webhook_url": f"http://127.0.0.1:{server.server_port}/hook"})
assert status == 200, ats

raw = json.dumps({
    "event": "candidate.created", "event_id": "evt-python", "client_id": "acme-corp", "user_id": "admin-user",
    "candidate_id": "c-1", "first_name": "Zoë", "last_name": "Jansen", "email": "zoe@example.com",
}, ensure_ascii=False).encode()
t = int(time.time())
status, answer = call("POST", f"{env['URL']}/v1/webhooks/{env['ATS_ID']}", raw,
                      {"X-Webhook-Signature": f"t={t},v1={signature(env['INCOMING_SECRET'], t, raw)}"})
assert status == 202, status

assert arrived.wait(20), "no webhook came"
valid, event = received[0]
assert valid, "the signature does not verify"
assert event["reference_id"] == answer["reference_id"], event
assert event["data"]["first_name"] == "Zoë", event

status, found = control("GET", f"/deliveries/wait?reference_id={answer['reference_id']}&outcome=delivered&timeout_ms=30000")
assert found["met"] and found["delivery"]["attempt_count"] == 1, found
status, rest = call("GET", f"{env['URL']}/v1/candidates/c-1", None, {
    "X-API-Key": env["API_KEY"], "X-ATS-Client-ID": "acme-corp", "X-ATS-User-ID": "admin-user"})
assert status == 200, rest
status, uses = control("GET", "/assumptions")
assert uses["relied_on"] > 0
sys.stdout.write(f"ok {env['URL']}\n")
