"""kazoo's client, coming anew all the time beside one that stays, until there is no more input; then once more."""

import sys
import threading

from kazoo.client import KazooClient, KazooState

address, certificate, ca = sys.argv[1:]
closing = set()


def connect():
    zk = KazooClient(
        hosts=address, use_ssl=True, verify_certs=True, ca=ca, certfile=certificate, keyfile=certificate
    )
    zk.add_listener(
        lambda state: state == KazooState.CONNECTED or zk in closing or print("lost:", state, flush=True)
    )
    zk.start(timeout=30)
    return zk


def close(zk):
    closing.add(zk)
    zk.stop()
    zk.close()
    closing.remove(zk)


ending = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ending.set()), daemon=True).start()
staying = connect()
count = 0
last = False
while not last:
    last = ending.is_set()
    zk = connect()
    zk.create(f"/kazoo-{count}", b"x" * 10)
    staying.get(f"/kazoo-{count}")
    close(zk)
    count += 1
    if count == 1:
        print("working", flush=True)
close(staying)
print("done", count, flush=True)
