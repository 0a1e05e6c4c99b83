/** What is typed into both shells, one server of a kind each: every command of zkCli's, its options, well meant and wrong. */
export const LINES = linesOf(`
nosuch
"ls" /
create
create /a
create /a
create /b hello
create /c "two words" world:anyone:cdrwa
create '/quoted path' 'it is "so"'
create /d x"y
create none
create /a/
create //a
create /a/../b
create /none/x
create -s /a/s-
create -s /a/s- data
create -e /eph e
create -e /eph/x
create -s -e /a/se-
create -se /a/se-
create -c /cont
create -c -s /cont2
create -c -e /cont2
create -t 100000 /ttl x
create -s -t 100000 /a/ttl-
create -st 100000 /a/ttl-
create -t -5 /ttl2
create -t 0 /ttl2
create -t x /ttl2
create -t 99999999999999 /ttl2
create -t 5 -e /ttl2
create -t 5 -c /ttl2
create -t
create -t5000 /ttl3
create -t=5000 /ttl4
create -x /x
create -- -dash
create -s / x
create -s /a/
create /acl1 x world:anyone:r,digest:bob:hash:cd
create /acl2 x world:anyone
create /acl3 x world:anyone:rz
create /acl4 x nosuch:id:r
create /acl5 x auth::r
create /acl6 x world:anyone:r extra words
ls
ls /
ls /none
ls none
ls -s /a
ls -w /a
ls -sw /a
ls -R /a
ls -R /none
ls -s -R /a
ls -? /a
ls -?
ls /b watch
ls -x /
ls /a/
ls -R /
get
get /b
get /a
get -s /b
get -w /b
get -b /b
get -x /b
get -b /a
get -x /a
get -sb /b
get -bx /b
get /none
get none
get -q /b
get /c watch
get /acl1
get -s /acl1
set
set /b
set /b new
set -s /b new2
set /b -v 2 newer
set -v 2 /b newest
set -v -1 /b any
set -v x /b any
set -v 99999999999 /b any
set -b /b aGVsbG8=
set -b /b not-base64!
set -sb /b aGVsbG8=
set /none x
set none x
set /b "with blanks" 
set /b ""
get /b
set /acl1 x
stat
stat /b
stat -w /b
stat /none
stat none
stat -x /b
stat /b watch
set /b fires
delete
delete /none
delete none
delete -v 77 /b
delete -v x /b
delete /b 77
delete /a
delete /
delete -q /b
delete /zookeeper
create /b/x
delete -v 0 /b/x
deleteall
deleteall /none
deleteall none
deleteall -b x /a
create /da
create /da/1
create /da/1/2
create /da/3
deleteall /da -b 2
create /da
create /da/1
deleteall -b 0 /da
create /da
create /da/1
deleteall -b 1 /da
create /da
deleteall /da extra
deleteall -z /a
getAcl
getAcl /a
getAcl -s /a
getAcl /none
getAcl none
getAcl -x /a
getAcl /acl1
getAcl /acl3
setAcl
setAcl /a
setAcl /a world:anyone:crwa
getAcl /a
setAcl -v 1 /a world:anyone:cdrwa
setAcl -v 1 /a world:anyone:cdrwa
setAcl -v x /a world:anyone:cdrwa
setAcl -s /a world:anyone:cdrwa
setAcl -R /a world:anyone:cdrwa
setAcl -R -s /a world:anyone:cdrwa
getAcl /a/s-0000000000
setAcl /a bad
setAcl /a bad,world:anyone:cdrwa
setAcl /a nosuch:x:r
setAcl /none world:anyone:cdrwa
setAcl none world:anyone:cdrwa
setAcl -R /none world:anyone:cdrwa
setAcl /acl1 world:anyone:cdrwa
setAcl -x /a world:anyone:cdrwa
addauth
addauth digest bob:secret
addauth digest bob:secret extra
whoami
whoami extra
whoami -x
create /bobs x auth::cdrwa
getAcl /bobs
getAllChildrenNumber
getAllChildrenNumber /
getAllChildrenNumber /none
getAllChildrenNumber none
getAllChildrenNumber -x /
getEphemerals
getEphemerals /
getEphemerals /eph
getEphemerals /none
getEphemerals none
getEphemerals / extra
getEphemerals -x
sync
sync /
sync /none
sync none
sync -x /
version
version extra
version -x
setquota
setquota /a
setquota -n /a
setquota -n 5
setquota -n x /a
setquota -n 0 /a
setquota -n -1 /a
setquota -N 0 /a
setquota -b -1 /a
setquota -B -1 /a
setquota -n 99999999999 /a
setquota -n 5 -b 5 /a
setquota -n 5 none
setquota -n 5 /none
setquota -n 5 /zookeeper/quota/x
setquota -n 2 /a
setquota -n 20 /a
setquota -b 1000 /a
setquota -N 30 /a
setquota -B 5000 /a
setquota -b 0 /d
setquota -n 5 /a/s-0000000000
setquota -n 5 /
listquota
listquota /a
listquota /none
listquota none
listquota /d
listquota -x /a
get /zookeeper/quota/a/zookeeper_limits
get /zookeeper/quota/a/zookeeper_stats
create /a/over1
delquota
delquota /none
delquota none
delquota -n /a
listquota /a
delquota -b /a
delquota -N /a
delquota -B /a
listquota /a
delquota -n -b /a
delquota -x /a
delquota /a
delquota /a
delquota /d
ls -R /zookeeper
create /w
addWatch
addWatch /w
addWatch -m PERSISTENT /w
addWatch -m persistent_recursive /w
addWatch -m once /w
addWatch -m
addWatch none
addWatch /w extra
addWatch -x /w
create /w/x
set /w y
delete /w/x
removewatches
removewatches /w -p
removewatches /w -p
removewatches /w -r
removewatches /none
removewatches none
removewatches -x /w
get -w /w
ls -w /w
stat -w /w/later
removewatches /w -d
removewatches /w -c
create /w/later
get -w /w
removewatches /w -a
get -w /w
removewatches /w
get -w /w
removewatches -l /w
removewatches -d -c /w
config
config -c
config -s
config -w
config -x
config extra
reconfig
reconfig -add server.9=127.0.0.1:1:2;3
reconfig -remove 9
reconfig -members server.1=127.0.0.1:1:2;3
reconfig -file /none -members x
reconfig -add x -members y
reconfig -add x -file y
reconfig -v
reconfig -v zz -add x
reconfig -v ff -add x
reconfig -file /no/such/file
reconfig -x
printwatches
printwatches off
printwatches
set /w unseen
printwatches on
printwatches maybe
printwatches
printwatches on
history
redo
redo 2
redo 99999
redo -1
redo x
redo 0x2
connect 127.0.0.1:SAME
ls /zookeeper
getEphemerals
close extra
ls /
close
connect
ls /zookeeper
deleteall /a
deleteall /w
ls /
close
close
   
`)

/** What is typed at a member of an ensemble that may be reconfigured. */
export const RECONFIG_LINES = linesOf(`
config
config -c
config -s
config -w
reconfig -add server.2=127.0.0.1:1:2:observer;127.0.0.1:3
config -c
reconfig -s -add server.3=127.0.0.1:4:5:observer;127.0.0.1:6,server.4=127.0.0.1:7:8:observer;127.0.0.1:9
reconfig -remove 3,4
reconfig -remove 2 -add server.5=127.0.0.1:1:2:OBSERVER;127.0.0.1:3
reconfig -v 1 -remove 5
reconfig -remove 77
reconfig -remove x
reconfig -add server.6
reconfig -add server.6=127.0.0.1:1
reconfig -add nonsense
reconfig -members nonsense
reconfig -members server.2=127.0.0.1:1:2:participant;127.0.0.1:3
reconfig -add server.6=127.0.0.1:11:12:participant;127.0.0.1:13
config
`)

function linesOf(text: string): readonly string[] {
  // The last may be one of blanks.
  return text.split('\n').slice(1, -1)
}
