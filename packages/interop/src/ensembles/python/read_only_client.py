"""kazoo's client, content with a server that only answers reads: each line of its input is something to do."""

import sys

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import NotReadOnlyCallError
from kazoo.protocol.states import KeeperState

client = KazooClient(hosts=sys.argv[1], timeout=10, read_only=True)
client.start_async()


def answer(word, path):
    try:
        if word == "state":
            if client.state != KazooState.CONNECTED:
                return "none"
            return "read-only" if client.client_state == KeeperState.CONNECTED_RO else "read-write"
        if word == "exists":
            return "no" if client.exists(path) is None else "yes"
        client.create(path)
        return "ok"
    except NotReadOnlyCallError:
        return "refused"
    except Exception as error:
        return type(error).__name__


for line in sys.stdin:
    word, *path = line.split()
    print(answer(word, path[0] if path else ""), flush=True)
client.stop()
