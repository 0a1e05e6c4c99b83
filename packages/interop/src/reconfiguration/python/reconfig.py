"""kazoo's reconfig: arguments are the server's address, who joins, who leaves, and all members; empty for none."""

import sys

from kazoo.client import KazooClient

hosts, joining, leaving, members = sys.argv[1:5]
client = KazooClient(hosts=hosts, timeout=10)
client.start(timeout=60)
try:
    data, _ = client.reconfig(joining or None, leaving or None, members or None)
    print(data.decode())
except Exception as error:
    print(type(error).__name__)
finally:
    client.stop()
