#!/usr/bin/python3
"""A service to roll out: app.py PORT ERROR_RATE DELAY_S. Answers every path,
every so manyth with 500, and tells Prometheus about it under /metrics."""
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, errors, delay = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
lock = threading.Lock()
codes, buckets = {200: 0, 500: 0}, [0] * (len(BOUNDS) + 1)
count = 0


def metrics():
    lines, total = [], 0
    for code, n in codes.items():
        lines.append(f'http_requests_total{{code="{code}"}} {n}')
    for bound, n in zip(BOUNDS + ["+Inf"], buckets):
        total += n
        lines.append(f'http_request_duration_seconds_bucket{{le="{bound}"}} {total}')
    return "\n".join(lines) + "\n"


def next_code():
    global count
    with lock:
        count += 1
        return 500 if int(count * errors) > int((count - 1) * errors) else 200


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        code, body = 200, "ok\n"
        if self.path == "/metrics":
            with lock:
                body = metrics()
        elif self.path != "/healthz":
            began = time.monotonic()
            code = next_code()
            time.sleep(delay)
            took = time.monotonic() - began
            with lock:
                codes[code] += 1
                buckets[sum(took > b for b in BOUNDS)] += 1
        data = body.encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
