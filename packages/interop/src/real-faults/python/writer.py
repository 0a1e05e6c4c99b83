"""kazoo's client, which writes for so many seconds, and says of each write when it was asked, and what came of it."""

import json
import logging
import sys
import time

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException

who, hosts, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
logging.disable(logging.CRITICAL)
client = KazooClient(hosts=hosts, timeout=4, connection_retry={"max_tries": -1, "max_delay": 1})
client.start_async()
until = time.time() + seconds
number = 0
written = None
while time.time() < until:
    if not client.connected:
        time.sleep(0.02)
        continue
    number += 1
    data = f"{who}.{number}"
    kind = "create" if written is None or number % 3 == 0 else "setData"
    path = f"/{who}-{number}" if kind == "create" else written
    line = {"kind": kind, "path": path, "data": data, "asked": time.time() * 1000, "answered": None, "stat": None}
    try:
        if kind == "create":
            client.create_async(path, data.encode()).get(timeout=10)
            written = path
        else:
            line["stat"] = list(client.set_async(path, data.encode()).get(timeout=10))
        line["answered"] = time.time() * 1000
    except (KazooException, client.handler.timeout_exception):
        pass
    line["session"] = str(client.client_id[0]) if client.client_id else "0"
    print(json.dumps(line), flush=True)
    time.sleep(0.005)
client.stop()
