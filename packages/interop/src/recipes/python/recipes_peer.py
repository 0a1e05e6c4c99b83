"""Contends by kazoo's recipes for what others contend for, too, and writes into a log when it is in and when it is out.

Arguments: the server's address, how many times each worker is to have its turn, and how many workers there are in all.
"""
import logging
import sys
import threading
import traceback

from kazoo.client import KazooClient

ADDRESS, ROUNDS, MEMBERS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
logging.disable(logging.CRITICAL)
failures = []


class Worker:
    def __init__(self, number):
        self.name = f'kazoo-{number}'
        self.zk = KazooClient(hosts=ADDRESS, timeout=10)
        self.zk.start(timeout=60)

    def log(self, recipe, what, kind, token):
        self.zk.create(f'/log/{recipe}/e-', f'{what} {self.name} {kind} {token}'.encode(), sequence=True, makepath=True)

    def inside(self, recipe, kind, token):
        self.log(recipe, 'enter', kind, token)
        self.zk.sync('/')
        self.log(recipe, 'leave', kind, token)

    def locked(self, recipe, lock, kind):
        with lock:
            token = self.zk.exists(f'{lock.path}/{lock.node}').czxid
            self.inside(recipe, kind, token)

    def mutex(self, _):
        self.locked('mutex', self.zk.Lock('/recipes/mutex', self.name), 'one')

    def readwrite(self, round):
        if round % 2 == 0:
            self.locked('readwrite', self.zk.WriteLock('/recipes/readwrite', self.name), 'write')
        else:
            self.locked('readwrite', self.zk.ReadLock('/recipes/readwrite', self.name), 'read')

    def semaphore(self, _):
        with self.zk.Semaphore('/recipes/semaphore', self.name, max_leases=2):
            self.inside('semaphore', 'lease', 0)

    def leader(self, _):
        election = self.zk.Election('/recipes/leader', self.name)
        election.run(lambda: self.inside('leader', 'one', self.zk.exists(f'{election.lock.path}/{election.lock.node}').czxid))

    def counter(self, _):
        counter = self.zk.Counter('/recipes/counter')
        counter += 1

    def run(self):
        for recipe in ('mutex', 'readwrite', 'semaphore', 'leader', 'counter'):
            barrier = self.zk.DoubleBarrier(f'/barriers/{recipe}', MEMBERS, self.name)
            barrier.enter()
            for round in range(ROUNDS):
                getattr(self, recipe)(round)
            barrier.leave()
        self.zk.stop()


def work(number):
    try:
        Worker(number).run()
    except BaseException:
        failures.append(traceback.format_exc())


threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for failure in failures:
    print('FAIL', failure)
print('done')
