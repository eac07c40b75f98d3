"""A stand-in for Cloud Vision's REST service: `server.py MODE` prints its port, then answers.

Modes: text, turned, blank, bad_image, quota, denied, forbidden, busy, once (one 503, then text),
slow, drop, html. The last request's JSON is returned by GET /seen.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LINES = (("문제를", "풀다"), ("Read", "this"))


def annotation(turned=False):
    words = []
    for row, line in enumerate(LINES):
        for place, text in enumerate(line):
            last = place == len(line) - 1
            x, y = 100 * place, 40 * row
            corners = [(x, y), (x + 80, y), (x + 80, y + 30), (x, y + 30)]
            if turned:  # clockwise by 90 degrees on a picture 500 px high
                corners = [(500 - v, u) for u, v in corners]
            symbols = [{"text": sign, "confidence": 0.9} for sign in text]
            kind = "LINE_BREAK" if last else "SPACE"
            symbols[-1]["property"] = {"detectedBreak": {"type": kind}}
            vertices = [{"x": u, "y": v} for u, v in corners]
            words.append(
                {"symbols": symbols, "confidence": 0.9, "boundingBox": {"vertices": vertices}}
            )
    page = {"blocks": [{"paragraphs": [{"words": words}]}]}
    return {"fullTextAnnotation": {"pages": [page], "text": "문제를 풀다\nRead this\n"}}


ANSWERS = {
    "text": annotation(),
    "turned": annotation(turned=True),
    "blank": {},
    "bad_image": {"error": {"code": 3, "message": "Bad image data."}},
    "quota": {"error": {"code": 8, "message": "quota"}},
    "denied": {"error": {"code": 7, "message": "denied"}},
}
STATUS = {"forbidden": 403, "busy": 503, "throttled": 429, "refused": 400}


class Handler(BaseHTTPRequestHandler):
    mode = "text"
    seen: dict = {}
    calls = 0

    def do_POST(self):
        Handler.calls += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Handler.seen = json.loads(body) | {"path": self.path, "calls": Handler.calls}
        mode = self.mode
        if mode == "once":
            mode = "busy" if Handler.calls == 1 else "text"
        if mode == "slow":
            time.sleep(30)
        if mode == "drop":
            self.connection.close()
            return
        if mode == "html":
            self.answer(200, b"<html>proxy</html>", "text/html")
        elif mode in STATUS:
            error = {"error": {"code": STATUS[mode], "message": "no", "status": "X"}}
            self.answer(STATUS[mode], json.dumps(error).encode())
        else:
            self.answer(200, json.dumps({"responses": [ANSWERS[mode]]}).encode())

    def do_GET(self):
        self.answer(200, json.dumps(Handler.seen).encode())

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 429:
            self.send_header("Retry-After", "17")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    Handler.mode = sys.argv[1]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
