"""What kazoo can do, its recipes included, checked one thing at a time.

Arguments: the server's address, the address of a proxy to it, and the port at which the proxy takes orders. Prints
``ok NAME`` or ``FAIL NAME why`` for each check.
"""
import logging
import queue
import socket
import sys
import threading
import time
import traceback

from kazoo import exceptions
from kazoo.client import KazooClient, KazooState
from kazoo.protocol.states import EventType
from kazoo.recipe.partitioner import PartitionState
from kazoo.security import OPEN_ACL_UNSAFE, make_acl, make_digest_acl, make_digest_acl_credential

SERVER, PROXY, CONTROL = sys.argv[1], sys.argv[2], int(sys.argv[3])
logging.disable(logging.CRITICAL)
checks = []


def check(function):
    checks.append(function)
    return function


def connect(hosts=SERVER, **options):
    client = KazooClient(hosts=hosts, timeout=10, **options)
    client.start(timeout=60)
    return client


def order(word):
    with socket.create_connection(('127.0.0.1', CONTROL)) as control:
        control.sendall(word.encode() + b'\n')
        control.recv(1)


def until(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f'waited in vain until {what}'
        time.sleep(0.02)


def raises(error, function, *args, **kwargs):
    try:
        got = function(*args, **kwargs)
    except error:
        return
    raise AssertionError(f'should have failed with {error.__name__}, got {got}')


def same(got, expected):
    assert got == expected, f'got {got!r}, expected {expected!r}'


def in_threads(count, body):
    """Runs body(number) in so many threads, each with a client of its own, and passes on their exceptions."""
    errors = []

    def run(number):
        client = connect()
        try:
            body(client, number)
        except BaseException as error:  # noqa: B902 - passed on below
            errors.append(error)
        finally:
            client.stop()
            client.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), 'a thread does not come to its end'
    if errors:
        raise errors[0]


@check
def session(zk):
    same(zk.state, KazooState.CONNECTED)
    session_id, password = zk.client_id
    assert session_id != 0
    same(len(password), 16)


@check
def commands(zk):
    same(zk.command(b'ruok'), 'imok')
    assert zk.server_version() >= (3, 9, 0), zk.server_version()


@check
def create_get_set_delete(zk):
    same(zk.create('/kazoo', b'one'), '/kazoo')
    data, stat = zk.get('/kazoo')
    same((data, stat.version, stat.data_length, stat.ephemeralOwner), (b'one', 0, 3, 0))
    same(zk.set('/kazoo', b'two', version=0).version, 1)
    raises(exceptions.BadVersionError, zk.set, '/kazoo', b'three', version=0)
    raises(exceptions.NodeExistsError, zk.create, '/kazoo')
    raises(exceptions.NoNodeError, zk.create, '/kazoo/a/b')
    path, stat = zk.create('/kazoo/child', b'x', include_data=True)
    same((path, stat.version), ('/kazoo/child', 0))
    raises(exceptions.NotEmptyError, zk.delete, '/kazoo')
    same(zk.get_children('/kazoo', include_data=True)[0], ['child'])
    zk.delete('/kazoo', recursive=True)
    same(zk.exists('/kazoo'), None)


@check
def ensure_path_and_recursion(zk):
    zk.ensure_path('/ensure/a/b/c')
    zk.create('/ensure/x/y/z', b'deep', makepath=True)
    same(zk.get('/ensure/x/y/z')[0], b'deep')
    zk.delete('/ensure', recursive=True)


@check
def unicode_names(zk):
    zk.create('/Grüße-世界', 'значение'.encode())
    same(zk.get('/Grüße-世界')[0].decode(), 'значение')
    assert 'Grüße-世界' in zk.get_children('/')
    zk.delete('/Grüße-世界')


@check
def large_data(zk):
    data = bytes(range(256)) * 4000
    zk.create('/large', data)
    same(zk.get('/large')[0], data)
    zk.delete('/large')


@check
def sequences_and_ephemerals(zk):
    zk.create('/seq')
    same(zk.create('/seq/n-', sequence=True), '/seq/n-0000000000')
    path = zk.create('/seq/n-', sequence=True, ephemeral=True)
    same(path, '/seq/n-0000000001')
    same(zk.exists(path).owner_session_id, zk.client_id[0])
    raises(exceptions.NoChildrenForEphemeralsError, zk.create, path + '/child')
    other = connect()
    other.create('/seq/other', ephemeral=True)
    other.stop()
    until('the ephemeral is gone', lambda: zk.exists('/seq/other') is None)


@check
def transactions(zk):
    transaction = zk.transaction()
    transaction.create('/tx', b'1')
    transaction.create('/tx/child')
    transaction.check('/tx', version=0)
    transaction.set_data('/tx', b'2')
    transaction.delete('/tx/child')
    results = transaction.commit()
    same(results[:3], ['/tx', '/tx/child', True])
    same(zk.get('/tx')[0], b'2')
    failing = zk.transaction()
    failing.set_data('/tx', b'3')
    failing.check('/tx', version=99)
    failing.delete('/tx')
    results = failing.commit()
    same([type(result) for result in results], [exceptions.RolledBackError, exceptions.BadVersionError, exceptions.RuntimeInconsistency])
    same(zk.get('/tx')[0], b'2')


@check
def acls(zk):
    zk.add_auth('digest', 'bob:secret')
    acl = make_digest_acl('bob', 'secret', all=True)
    zk.create('/acl', b'hidden', acl=[acl])
    same(zk.get_acls('/acl')[0], [acl])
    stranger = connect()
    raises(exceptions.NoAuthError, stranger.get, '/acl')
    raises(exceptions.NoAuthError, stranger.set_acls, '/acl', OPEN_ACL_UNSAFE)
    zk.set_acls('/acl', [acl, make_acl('world', 'anyone', read=True)])
    same(stranger.get('/acl')[0], b'hidden')
    shown = [entry.id.id for entry in stranger.get_acls('/acl')[0]]
    same(shown, ['bob:x', 'anyone'])
    raises(exceptions.InvalidACLError, zk.create, '/acl2', acl=[make_acl('nonsense', 'x', all=True)])
    stranger.stop()
    assert make_digest_acl_credential('bob', 'secret') == acl.id.id


@check
def authentication_at_start(zk):
    client = connect(auth_data=[('digest', 'bob:secret')])
    same(client.get('/acl')[0], b'hidden')
    client.stop()


@check
def authentication_refused(zk):
    client = connect()
    raises((exceptions.AuthFailedError, exceptions.ConnectionLoss), client.add_auth, 'no-such-scheme', 'x')
    client.stop()


@check
def asynchronous(zk):
    zk.create('/async', b'')
    results = [zk.set_async('/async', str(i).encode()) for i in range(1000)]
    same([result.get(timeout=60).version for result in results], list(range(1, 1001)))
    same(zk.sync('/async'), '/async')


@check
def watch_functions(zk):
    events = queue.Queue()
    same(zk.exists('/watched', watch=events.put), None)
    zk.create('/watched')
    event = events.get(timeout=60)
    same((event.type, event.path), (EventType.CREATED, '/watched'))
    zk.get('/watched', watch=events.put)
    zk.get_children('/watched', watch=events.put)
    zk.set('/watched', b'x')
    same(events.get(timeout=60).type, EventType.CHANGED)
    zk.create('/watched/child')
    same(events.get(timeout=60).type, EventType.CHILD)
    zk.delete('/watched', recursive=True)


@check
def data_and_children_watches(zk):
    seen = queue.Queue()
    zk.ensure_path('/watches')
    zk.DataWatch('/watches', lambda data, stat: seen.put(data))
    zk.ChildrenWatch('/watches', lambda names: seen.put(sorted(names)))
    same([seen.get(timeout=60), seen.get(timeout=60)], [b'', []])
    zk.set('/watches', b'new')
    same(seen.get(timeout=60), b'new')
    for expected in (['a'], ['a', 'b']):
        zk.create('/watches/' + expected[-1])
        same(seen.get(timeout=60), expected)


@check
def reconnects(zk):
    client = connect(hosts=PROXY)
    states = queue.Queue()
    client.add_listener(states.put)
    session_id = client.client_id[0]
    client.create('/reconnects', b'mine', ephemeral=True)
    seen = queue.Queue()
    client.DataWatch('/reconnects', lambda data, stat: seen.put(data))
    same(seen.get(timeout=60), b'mine')
    order('refuse')
    same(states.get(timeout=60), KazooState.SUSPENDED)
    zk.set('/reconnects', b'changed')
    order('accept')
    same(states.get(timeout=60), KazooState.CONNECTED)
    same(client.client_id[0], session_id)
    same(seen.get(timeout=60), b'changed')
    same(client.exists('/reconnects').owner_session_id, session_id)
    client.stop()


@check
def session_lost(zk):
    client = KazooClient(hosts=PROXY, timeout=2)
    client.start(timeout=60)
    states = queue.Queue()
    client.add_listener(states.put)
    client.create('/lost', ephemeral=True)
    order('refuse')
    until('the ephemeral is gone', lambda: zk.exists('/lost') is None)
    order('accept')
    until('the session is lost', lambda: states.get(timeout=60) == KazooState.LOST)
    same(states.get(timeout=60), KazooState.CONNECTED)
    client.stop()


@check
def chroot(zk):
    zk.ensure_path('/chroot')
    client = connect(hosts=SERVER + '/chroot')
    same(client.create('/inside', b''), '/inside')
    same(client.create('/n-', sequence=True), '/n-0000000001')
    assert zk.exists('/chroot/inside')
    client.stop()


@check
def recipe_lock(zk):
    inside, counted = [], []

    def body(client, number):
        for _ in range(10):
            with client.Lock('/recipes/lock', str(number)):
                assert not inside, 'two hold the lock'
                inside.append(number)
                counted.append(number)
                inside.remove(number)

    in_threads(4, body)
    same(len(counted), 40)


@check
def recipe_read_write_lock(zk):
    readers, writing = [], []

    def body(client, number):
        for _ in range(5):
            if number % 2:
                with client.ReadLock('/recipes/rwlock'):
                    assert not writing, 'read while writing'
                    readers.append(number)
                    readers.remove(number)
            else:
                with client.WriteLock('/recipes/rwlock'):
                    assert not writing and not readers, 'two write, or one reads'
                    writing.append(number)
                    writing.remove(number)

    in_threads(4, body)


@check
def recipe_semaphore(zk):
    inside = []

    def body(client, number):
        for _ in range(5):
            with client.Semaphore('/recipes/semaphore', max_leases=2):
                inside.append(number)
                assert len(inside) <= 2, 'too many'
                inside.remove(number)

    in_threads(4, body)


@check
def recipe_election(zk):
    led = []

    def body(client, number):
        client.Election('/recipes/election', str(number)).run(lambda: led.append(number))

    in_threads(3, body)
    same(sorted(led), [0, 1, 2])


@check
def recipe_barrier(zk):
    barrier = zk.Barrier('/recipes/barrier')
    barrier.create()
    same(barrier.wait(0.1), False)
    timer = threading.Timer(0.2, barrier.remove)
    timer.start()
    same(connect_and(lambda client: client.Barrier('/recipes/barrier').wait(60)), True)


@check
def recipe_double_barrier(zk):
    entered = []

    def body(client, number):
        barrier = client.DoubleBarrier('/recipes/double', 3)
        barrier.enter()
        entered.append(number)
        until('all have entered', lambda: len(entered) == 3)
        barrier.leave()

    in_threads(3, body)


@check
def recipe_counter(zk):
    def body(client, number):
        counter = client.Counter('/recipes/counter')
        for _ in range(10):
            counter += 1

    in_threads(4, body)
    same(zk.Counter('/recipes/counter').value, 40)


@check
def recipe_queue(zk):
    fifo = zk.Queue('/recipes/queue')
    for i in range(20):
        fifo.put(str(i).encode(), priority=100 - i)
    same([int(fifo.get()) for _ in range(20)], list(range(19, -1, -1)))
    same(fifo.get(), None)


@check
def recipe_locking_queue(zk):
    source = zk.LockingQueue('/recipes/locking-queue')
    source.put_all([str(i).encode() for i in range(20)])
    got = []

    def body(client, number):
        mine = client.LockingQueue('/recipes/locking-queue')
        while True:
            item = mine.get(timeout=5)
            if item is None:
                return
            got.append(int(item))
            assert mine.consume()

    in_threads(2, body)
    same(sorted(got), list(range(20)))


@check
def recipe_party(zk):
    def body(client, number):
        party = client.Party('/recipes/party', str(number))
        party.join()
        until('all have come', lambda: len(party) == 3)
        same(sorted(party), ['0', '1', '2'])
        arrived.wait(60)
        party.leave()

    arrived = threading.Barrier(3)
    in_threads(3, body)
    same(len(zk.Party('/recipes/party')), 0)


@check
def recipe_partitioner(zk):
    shares = {}

    def body(client, number):
        partitioner = client.SetPartitioner('/recipes/partition', set(range(6)), time_boundary=1, identifier=str(number))
        until_acquired(partitioner)
        shares[number] = set(partitioner)
        until('all have theirs', lambda: len(shares) == 2)
        partitioner.finish()

    def until_acquired(partitioner):
        for _ in range(200):
            if partitioner.state == PartitionState.RELEASE:
                partitioner.release_set()
            elif partitioner.acquired:
                if len(list(partitioner)) == 3:
                    return
                time.sleep(0.1)
            elif partitioner.state == PartitionState.ALLOCATING:
                partitioner.wait_for_acquire(5)
        raise AssertionError('never acquired')

    in_threads(2, body)
    same(shares[0] | shares[1], set(range(6)))
    same(shares[0] & shares[1], set())


@check
def recipe_tree_cache(zk):
    from kazoo.recipe.cache import TreeCache

    zk.ensure_path('/recipes/cache/a')
    cache = TreeCache(zk, '/recipes/cache')
    cache.start()
    until('the cache has a', lambda: cache.get_children('/recipes/cache') == {'a'})
    zk.create('/recipes/cache/b', b'2')
    until('the cache has b', lambda: cache.get_data('/recipes/cache/b') is not None)
    same(cache.get_data('/recipes/cache/b').data, b'2')
    cache.close()


@check
def recipe_lease(zk):
    import datetime

    path = '/recipes/lease'
    assert zk.NonBlockingLease(path, datetime.timedelta(seconds=30), identifier='one')
    assert not zk.NonBlockingLease(path, datetime.timedelta(seconds=30), identifier='two')


def connect_and(body):
    client = connect()
    try:
        return body(client)
    finally:
        client.stop()


def main():
    zk = connect()
    failed = 0
    for function in checks:
        name = function.__name__.replace('_', '-')
        try:
            function(zk)
            print(f'ok {name}')
        except Exception as error:
            failed += 1
            frames = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == __file__]
            print(f'FAIL {name} {type(error).__name__}: {error} at lines {frames}')
    zk.stop()
    sys.exit(1 if failed else 0)


main()
