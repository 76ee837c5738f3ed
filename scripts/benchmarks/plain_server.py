"""A server as one writes it in an afternoon: one request at a time, read, encoded, answered.

python scripts/benchmarks/plain_server.py INDEX WRITER     # prints its port
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from sigsearch import SignatureIndex


def main() -> None:
    index, whom = SignatureIndex.open(sys.argv[1], read_only=True), sys.argv[2]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            image = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/verify":
                body = json.dumps(index.verify(image, whom).to_dict()).encode()
            else:
                body = json.dumps(index.identify(image).to_dict()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Patient(HTTPServer):
        request_queue_size = 128

    server = Patient(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
