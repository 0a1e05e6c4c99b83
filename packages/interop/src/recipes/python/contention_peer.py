"""Contends by kazoo's recipes until it is killed, and writes into a log when it is in: in one transaction with a check that
what it is in by is there.

Arguments: the servers, its name.
"""
import logging
import sys
import time

from kazoo.client import KazooClient
from kazoo.retry import KazooRetry

SERVERS, NAME = sys.argv[1], sys.argv[2]
WAIT_S = 10
logging.disable(logging.CRITICAL)
zk = KazooClient(hosts=SERVERS, timeout=3, connection_retry=KazooRetry(max_tries=-1, delay=0.05, max_delay=0.5))
zk.start(timeout=60)


def enter(recipe, kind, path):
    token = zk.exists(path).czxid
    transaction = zk.transaction()
    transaction.check(path, -1)
    transaction.create(f'/log/{recipe}/e-', f'{NAME} {kind} {token}'.encode(), sequence=True)
    transaction.commit()


def locked(recipe, kind, lock):
    if lock.acquire(timeout=WAIT_S):
        try:
            enter(recipe, kind, f'{lock.path}/{lock.node}')
        finally:
            lock.release()


def turn(recipe, number):
    path = f'/contention/{recipe}'
    if recipe == 'mutex':
        locked(recipe, 'write', zk.Lock(path, NAME))
    elif recipe == 'readwrite':
        if number % 2 == 0:
            locked(recipe, 'write', zk.WriteLock(path, NAME))
        else:
            locked(recipe, 'read', zk.ReadLock(path, NAME))
    elif recipe == 'semaphore':
        semaphore = zk.Semaphore(path, NAME, max_leases=2)
        if semaphore.acquire(timeout=WAIT_S):
            try:
                enter(recipe, 'lease', semaphore.create_path)
            finally:
                semaphore.release()
    else:
        election = zk.Election(path, NAME)
        election.run(lambda: enter(recipe, 'write', f'{election.lock.path}/{election.lock.node}'))


number = 0
while True:
    for recipe in ('mutex', 'readwrite', 'semaphore', 'leader'):
        try:
            turn(recipe, number)
        except Exception as error:
            print(recipe, repr(error), flush=True)
            time.sleep(0.05)
    number += 1
