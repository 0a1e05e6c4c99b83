import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { complete } from '../../dist/shell/completion.js'
import { TestServer } from './support.ts'

let server: TestServer
before(async () => {
  server = await TestServer.start()
})
after(() => server.close())

test('znodes are created, read, changed and deleted with the words of zkCli', async () => {
  const { run, shell } = await server.shell('--quiet')
  assert.equal(await run('create /t hello'), 'Created /t\n')
  assert.equal(await run('create /t'), 'Node already exists: /t\n')
  assert.equal(shell.exitCode, 1)
  assert.equal(await run('create -s /t/s- "two words"'), 'Created /t/s-0000000000\n')
  assert.equal(await run('create -c /t/c'), 'Created /t/c\n')
  assert.equal(await run('create -t 60000 /t/ttl x'), 'Created /t/ttl\n')
  assert.equal(await run('create -e /t/e'), 'Created /t/e\n')
  assert.equal(await run('create /t/e/x'), 'Ephemerals cannot have children: /t/e/x\n')
  assert.equal(await run('getEphemerals'), '[/t/e]\n')
  assert.equal(await run('ls /t'), '[c, e, s-0000000000, ttl]\n')
  assert.equal(shell.exitCode, 0)
  assert.equal(await run('ls -R /t'), '/t\n/t/c\n/t/e\n/t/s-0000000000\n/t/ttl\n')
  assert.equal(await run('getAllChildrenNumber /t'), '4\n')
  assert.equal(await run('get /t'), 'hello\n')
  assert.equal(await run('get -b /t'), 'aGVsbG8=\n')
  assert.equal(await run('get /t/c'), 'null\n')
  assert.equal(await run('set -b /t d29ybGQ='), '')
  assert.match(await run('set -s /t world -v 1'), /^cZxid = 0x.*\ndataVersion = 2\n.*\nnumChildren = 4\n$/s)
  assert.equal(await run('set -v 1 /t x'), 'version No is not valid : /t\n')
  assert.match(await run('get -s /t'), /^world\ncZxid = 0x/)
  assert.match(await run('stat /t'), /^cZxid = 0x.*\nctime = .* \d{4}\n/)
  assert.equal(await run('sync /t'), 'Sync is OK\n')
  assert.equal(await run('delete /t'), 'Node not empty: /t\n')
  assert.equal(await run('delete -v 5 /t/c'), 'version No is not valid : /t/c\n')
  assert.equal(await run('deleteall -b 2 /t'), '')
  assert.equal(await run('deleteall /t'), 'Node does not exist: /t\n')
  assert.equal(await run('stat /t'), 'Node does not exist: /t\n')
  await shell.close()
})

test('what cannot be meant is refused, and says how it is meant', async () => {
  const { run, shell } = await server.shell('--quiet')
  for (const [line, said] of [
    ['create -c -e /x', '-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.\n'],
    ['create -e -t 1 /x', 'TTLs cannot be used with Ephemeral znodes\n'],
    ['create -t x /x', '-t argument must be a long value\n'],
    ['create -t 0 /x', 'ttl must be positive and cannot be larger than: 1099511627775\n'],
    ['create', 'create [-s] [-e] [-c] [-t ttl] path [data] [acl]\n'],
    ['ls x', 'Path must start with / character\n'],
    ['ls /a//b', 'Invalid path string "/a//b" caused by empty node name specified @3\n'],
    ['ls -q /', 'Unrecognized option: -q\n'],
    ['addWatch -m once /', /^addWatch \[-m mode\] path # optional mode is one of /],
    ['addauth digest', 'addauth digest user:password\n'],
    ['setquota -n 1', 'setquota -n|-b|-N|-B val path\n'],
    [
      'delquota -n -b /a',
      "The option 'b' was specified but an option from this group has already been selected: 'n'\n",
    ],
    ['redo -1', 'Command index out of range\n'],
    ['reconfig -add x -members y', /^Can't use -file or -members together with -add or -remove/],
    [
      'create /x y z',
      /^z does not have the form scheme:id:perm\nKeeperErrorCode = InvalidACL\nAcl is not valid : null\n$/,
    ],
  ] as const) {
    const printed = await run(line)
    if (typeof said === 'string') assert.equal(printed, said, line)
    else assert.match(printed, said, line)
    assert.equal(shell.exitCode, 1, line)
  }
  assert.match(
    await run('nosuch'),
    /\n\tls \[-s\] \[-w\] \[-R\] path\n.*\nCommand not found: Command not found nosuch\n$/s,
  )
  assert.equal(shell.exitCode, 127)
  await shell.close()
})

test('access control lists', async () => {
  const { run, shell } = await server.shell('--quiet')
  await run('create /acl d world:anyone:cdrwa')
  await run('create /acl/below')
  assert.equal(await run('getAcl /acl'), "'world,'anyone\n: cdrwa\n")
  assert.equal(await run('setAcl -R /acl world:anyone:ra'), '')
  assert.equal(await run('getAcl /acl/below'), "'world,'anyone\n: ra\n")
  assert.equal(await run('setAcl /acl bad'), 'bad does not have the form scheme:id:perm\nAcl is not valid : null\n')
  assert.equal(await run('set /acl x'), 'Insufficient permission : /acl\n')
  assert.match(await run('getAcl -s /acl'), /\n: ra\ncZxid = .*\naclVersion = 1\n/s)
  await run('addauth digest me:secret')
  assert.match(await run('whoami'), /^Auth scheme: User\n(.*\n)*digest: me\n/)
  await shell.close()
})

test('quotas are set, merged, listed and deleted', async () => {
  const { run, shell } = await server.shell('--quiet')
  await run('create /q')
  await run('create /q/a')
  const warning = '[Warning]: the count quota you create is less than the existing count:2\n'
  assert.equal(await run('setquota -n 1 /q'), warning)
  assert.equal(await run('setquota -B 100 /q'), warning)
  assert.equal(await run('setquota -n 5 /q/a'), '/q/a has a parent /q which has a quota\n')
  assert.equal(
    await run('listquota /q'),
    'Output quota for /q count=1,bytes=-1=;byteHardLimit=100;countHardLimit=-1\nOutput stat for /q count=2,bytes=0\n' +
      'absolute path is /zookeeper/quota/q/zookeeper_limits\n',
  )
  assert.equal(await run('delquota -n /q'), '')
  assert.match(await run('listquota /q'), /count=-1,bytes=-1=;byteHardLimit=100/)
  await run('delquota /q')
  assert.equal(await run('delquota /q'), 'Quota does not exist for /q\n')
  assert.equal(await run('ls /zookeeper/quota'), '[]\n')
  await run('setquota -n 5 /q/a')
  assert.equal(await run('setquota -n 5 /q'), '/q has a child /q/a which has a quota\n')
  assert.equal(await run('setquota -n 0 /q/a'), 'the num quota must be greater than zero\n')
  assert.equal(await run('setquota -n 5 /none'), '/none does not exist.\n')
  await run('deleteall /q')
  await shell.close()
})

test('watches are told, once for each change, until they are removed', async () => {
  const { run, shell, printed } = await server.shell()
  await run('create /w')
  assert.equal(printed.stdout, '', 'the connection was told before')
  await run('get -w /w')
  await run('stat -w /w')
  await run('set /w x')
  assert.match(
    printed.stdout,
    /^\nWATCHER::\n\nWatchedEvent state:SyncConnected type:NodeDataChanged path:\/w zxid: \d+\n$/,
  )
  await run('ls -w /w')
  assert.match(await run('removewatches /w -c'), /type:ChildWatchRemoved path:\/w zxid: -1\n$/)
  assert.equal(await run('removewatches /w'), 'KeeperErrorCode = No such watcher for /w\n')
  await run('addWatch /w')
  await run('addWatch /w/x')
  assert.match(await run('create /w/x'), /^\nWATCHER::\n\n.*type:NodeCreated path:\/w\/x zxid: \d+\nCreated/)
  await run('printwatches off')
  assert.equal(await run('delete /w/x'), '')
  assert.equal(await run('printwatches'), 'printwatches is off\n')
  await shell.close()
})

test('lines are remembered, and run once more', async () => {
  const { run, shell } = await server.shell('--quiet')
  await run('ls /zookeeper')
  assert.match(shell.prompt, /^\[zk: 127\.0\.0\.1:\d+\(CONNECTED\) 1\] $/)
  assert.equal(await run('redo 0'), '[config, quota]\n')
  assert.equal(await run('history'), '0 - ls /zookeeper\n1 - ls /zookeeper\n2 - history\n')
  assert.equal(await run('redo 3'), 'Command index out of range\n')
  await run('close')
  assert.equal(await run('ls /'), 'Not connected\n')
  await run('connect')
  assert.equal(await run('ls /zookeeper'), '[config, quota]\n')
  await run('ls /none')
  await run('quit')
  assert.deepEqual([shell.hasQuit, shell.exitCode], [true, 1])
})

test('a single command prints its result only, as JSON if asked to', async () => {
  assert.deepEqual({ ...(await server.once('ls', '/zookeeper')) }.stdout, '[config, quota]\n')
  const { code, stdout } = await server.once('--json', 'get', '-s', '/zookeeper')
  const value = JSON.parse(stdout) as { data: string; stat: { numChildren: number; ephemeralOwner: string } }
  assert.deepEqual([code, value.data, value.stat.numChildren, value.stat.ephemeralOwner], [0, '', 2, '0x0'])
  const failed = await server.once('--json', 'ls', '/none')
  assert.equal(failed.code, 1)
  assert.deepEqual(JSON.parse(failed.stderr), { error: 'NONODE', message: 'Node does not exist: /none' })
})

test('a subtree is drawn, and searched', async () => {
  const { run, shell } = await server.shell('--quiet')
  for (const path of ['/tree', '/tree/a', '/tree/a/x', '/tree/b']) await run(`create ${path} "data of ${path}"`)
  assert.equal(await run('tree /tree'), '/tree\n├── a\n│   └── x\n└── b\n')
  assert.equal(await run('tree -d 1 /tree'), '/tree\n├── a\n└── b\n')
  assert.equal(await run('find -name ? /tree'), '/tree/a\n/tree/b\n/tree/a/x\n')
  assert.equal(await run('find -name t*e /tree'), '/tree\n')
  assert.equal(await run('find -data /a/x /tree'), '/tree/a/x\n')
  assert.equal(await run('find -e /tree'), '')
  assert.equal(await run('find /none'), 'Node does not exist: /none\n')
  await shell.close()
})

test('changes are streamed until the command is interrupted', async () => {
  const { shell, printed } = await server.shell('--json')
  const other = await server.shell('--quiet')
  await other.run('create /stream')
  const lines = (): string[] => printed.stdout.split('\n').filter((line) => line.startsWith('{'))
  const seen = (count: number): Promise<void> => printed.until(() => lines().length >= count)
  const running = shell.executeLine('watch -R /stream')
  await seen(1)
  await other.run('create /stream/x')
  await seen(2)
  assert.equal(shell.interrupt(), true)
  await running
  const events = lines().map((line) => JSON.parse(line) as { type: string; path?: string })
  assert.deepEqual(
    events.map(({ type, path }) => [type, path]),
    [
      ['resync', undefined],
      ['NodeCreated', '/stream/x'],
    ],
  )
  assert.equal(shell.exitCode, 0)
})

test('a program runs under a lock, and its exit code is ours', async () => {
  const script = 'process.exit(process.env.VIVARIUM_FENCING_TOKEN > 0 ? 7 : 1)'
  const { code, stderr } = await server.once('lock', '/locks/job', '--', process.execPath, '-e', script)
  assert.deepEqual([code, stderr], [7, ''])
  assert.equal((await server.once('ls', '/locks/job')).stdout, '[]\n')
  assert.equal((await server.once('lock', '/locks/job', '--', '/no/such/program')).code, 127)
})

test('servers are asked for their state, and one that is away shows in the exit code', async () => {
  const { code, stdout } = await server.once('status')
  assert.equal(code, 0)
  assert.match(
    stdout,
    /^server +role +zxid +lag .*\n127\.0\.0\.1:\d+ +standalone +0x[0-9a-f]+ +- +[\d./]+ +\d+ +\S+\n$/,
  )
  const both = await server.once('--json', 'status', `${server.address},127.0.0.1:1`)
  const rows = JSON.parse(both.stdout) as { role: string; zxid: string }[]
  assert.deepEqual([both.code, rows[0]?.role, rows[1]?.zxid], [1, 'standalone', '-'])
})

test('paths and commands are completed', async () => {
  const { run, shell } = await server.shell('--quiet')
  await run('create /complete')
  assert.deepEqual(await complete(shell, 'getA'), [['getAcl ', 'getAllChildrenNumber '], 'getA'])
  assert.deepEqual(await complete(shell, 'ls /zoo'), [['/zookeeper'], '/zoo'])
  assert.deepEqual(await complete(shell, 'ls /zookeeper/'), [['/zookeeper/config', '/zookeeper/quota'], '/zookeeper/'])
  assert.deepEqual(await complete(shell, 'ls /none/x'), [[], '/none/x'])
  assert.deepEqual(await complete(shell, 'ls //x'), [[], '//x'])
  await shell.close()
  assert.deepEqual(await complete(shell, 'ls /'), [[], '/'])
})
