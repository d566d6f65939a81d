"""The service of fixtures/ai-service.py, which behaves as the candidate's last name says. Prints each request."""

import importlib.util
import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer
from pathlib import Path

path = Path(__file__).parent.parent.parent / "fixtures" / "ai-service.py"
spec = importlib.util.spec_from_file_location("ai_service", path)
example = importlib.util.module_from_spec(spec)
spec.loader.exec_module(example)

printing = threading.Lock()
HOLD = threading.Event()


def say(**value):
    with printing:
        print(json.dumps(value), flush=True)


def call(url, body=None):
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Service(example.Service):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        genuine = example.is_genuine(self.headers.get("X-Webhook-Signature", ""), body)
        job = json.loads(body)
        say(job=job, genuine=genuine, path=self.path)
        if not genuine:
            return self.reply(401, {})
        data = (job["entity"] or {"data": {}})["data"]
        how = data.get("last_name", "")
        first = job["attempt"] == 1
        good = {"data": {**data, "summary": f"by the service, attempt {job['attempt']}"}}
        if how == "slow":
            time.sleep(0.7)
        if how in ("later", "twice", "correction"):
            self.reply(202, {})
            answers = [good, good] if how == "twice" else [{"oops": 1}, good] if how == "correction" else [good]
            say(called=[call(job["callback_url"], one)[0] for one in answers])
            return None
        if how == "never-calls":
            return self.reply(202, {})
        if how == "unknown":
            url = job["callback_url"].rsplit("/", 1)[0] + "/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            say(called=[call(url, {"data": {"candidate_id": "another"}})[0]])
        if how == "file":
            say(files=[[status, len(read)] for status, read in (call(job["cv"]["url"]), call(job["cv"]["url"]))])
        if (how == "flaky" and first) or how == "broken":
            return self.reply(500, {})
        if how == "limited" and first:
            return self.reply(429, {}, {"Retry-After": "1"})
        if how == "redirect":
            return self.reply(307, {}, {"Location": "/elsewhere"})
        if how == "invalid":
            return self.raw(b'{"data": {"candidate_id": ')
        if how == "wrong":
            return self.reply(200, {"data": {**data, "first_name": 42}})
        if how == "other":
            return self.reply(200, {"data": {**data, "candidate_id": "somebody-else"}})
        if how == "huge":
            return self.raw(b" " * (2 * 1024 * 1024))
        if how == "reset" and first:
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)
        if how == "says-no":
            return self.reply(200, {"error": {"code": "too_blurry", "message": "cannot read it"}})
        if how == "nothing":
            return self.reply(200, {"nothing": True})
        if how == "hang":
            HOLD.wait(60)
        return self.reply(200, good if "last_name" in data else example.answer(job))

    def reply(self, status, value, headers={}):
        self.raw(json.dumps(value).encode(), status, headers)

    def raw(self, text, status=200, headers={}):
        self.send_response(status)
        for name, content in headers.items():
            self.send_header(name, content)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer.request_queue_size = 128
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Service)
    server.daemon_threads = True
    say(listening=f"http://127.0.0.1:{server.server_address[1]}")
    server.serve_forever()
    sys.exit(0)
