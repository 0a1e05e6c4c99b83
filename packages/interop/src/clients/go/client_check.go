// What go-zookeeper can do, checked one thing at a time.
//
// Arguments: the server's address, the address of a proxy to it, and the port at which the proxy takes orders. Prints
// "ok NAME" or "FAIL NAME why" for each check.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"reflect"
	"sort"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
)

var (
	server, proxy, control string
	conn                   *zk.Conn
	open                   = zk.WorldACL(zk.PermAll)
	failed                 int
)

func check(name string, body func() error) {
	if err := body(); err != nil {
		failed++
		fmt.Printf("FAIL %s %v\n", name, err)
		return
	}
	fmt.Printf("ok %s\n", name)
}

func connect(address string, timeout time.Duration) (*zk.Conn, <-chan zk.Event, error) {
	client, events, err := zk.Connect([]string{address}, timeout, zk.WithLogInfo(false), zk.WithLogger(log.New(io.Discard, "", 0)))
	if err != nil {
		return nil, nil, err
	}
	return client, events, awaitState(events, zk.StateHasSession)
}

func awaitState(events <-chan zk.Event, state zk.State) error {
	limit := time.After(60 * time.Second)
	for {
		select {
		case event := <-events:
			if event.Type == zk.EventSession && event.State == state {
				return nil
			}
		case <-limit:
			return fmt.Errorf("the session never became %v", state)
		}
	}
}

func awaitEvent(events <-chan zk.Event, kind zk.EventType, path string) error {
	select {
	case event := <-events:
		if event.Type != kind || event.Path != path {
			return fmt.Errorf("got %v, expected %v %s", event, kind, path)
		}
		return nil
	case <-time.After(60 * time.Second):
		return fmt.Errorf("no event, expected %v %s", kind, path)
	}
}

func order(word string) {
	socket, err := net.Dial("tcp", "127.0.0.1:"+control)
	if err != nil {
		panic(err)
	}
	defer socket.Close()
	fmt.Fprintf(socket, "%s\n", word)
	io.ReadFull(socket, make([]byte, 1))
}

func same(got, expected any) error {
	if !reflect.DeepEqual(got, expected) {
		return fmt.Errorf("got %v, expected %v", got, expected)
	}
	return nil
}

func fails(err, expected error) error {
	if !errors.Is(err, expected) {
		return fmt.Errorf("got %v, expected %v", err, expected)
	}
	return nil
}

func until(what string, condition func() bool) error {
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return nil
		}
	}
	return fmt.Errorf("waited in vain until %s", what)
}

// first returns the first error there is.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func gone(path string) bool {
	there, _, err := conn.Exists(path)
	return err == nil && !there
}

func main() {
	server, proxy, control = os.Args[1], os.Args[2], os.Args[3]
	var err error
	conn, _, err = connect(server, 10*time.Second)
	if err != nil {
		fmt.Printf("FAIL connect %v\n", err)
		os.Exit(1)
	}
	znodes()
	modes()
	acls()
	multis()
	watches()
	reconnection()
	others()
	conn.Close()
	if failed > 0 {
		os.Exit(1)
	}
}

func znodes() {
	check("create-get-set-delete", func() error {
		path, err := conn.Create("/go", []byte("one"), 0, open)
		if err := first(err, same(path, "/go")); err != nil {
			return err
		}
		data, stat, err := conn.Get("/go")
		if err := first(err, same(string(data), "one"), same(stat.Version, int32(0)), same(stat.DataLength, int32(3))); err != nil {
			return err
		}
		stat, err = conn.Set("/go", []byte("two"), 0)
		if err := first(err, same(stat.Version, int32(1))); err != nil {
			return err
		}
		_, err = conn.Set("/go", nil, 0)
		if err := fails(err, zk.ErrBadVersion); err != nil {
			return err
		}
		_, err = conn.Create("/go", nil, 0, open)
		if err := fails(err, zk.ErrNodeExists); err != nil {
			return err
		}
		_, err = conn.Create("/go/a/b", nil, 0, open)
		if err := fails(err, zk.ErrNoNode); err != nil {
			return err
		}
		_, err = conn.Create("/go/child", nil, 0, open)
		return first(err, fails(conn.Delete("/go", -1), zk.ErrNotEmpty), conn.Delete("/go/child", 0), fails(conn.Delete("/go/child", -1), zk.ErrNoNode))
	})
	check("large-data", func() error {
		large := bytes.Repeat([]byte{1, 2, 3, 4, 5}, 200_000)
		if _, err := conn.Set("/go", large, -1); err != nil {
			return err
		}
		data, _, err := conn.Get("/go")
		return first(err, same(bytes.Equal(data, large), true))
	})
	check("children", func() error {
		for _, name := range []string{"b", "a", "c"} {
			if _, err := conn.Create("/go/"+name, nil, 0, open); err != nil {
				return err
			}
		}
		names, stat, err := conn.Children("/go")
		sort.Strings(names)
		return first(err, same(names, []string{"a", "b", "c"}), same(stat.NumChildren, int32(3)))
	})
	check("unicode", func() error {
		_, err := conn.Create("/go/Grüße-世界", []byte("значение"), 0, open)
		if err != nil {
			return err
		}
		data, _, err := conn.Get("/go/Grüße-世界")
		return first(err, same(string(data), "значение"))
	})
	check("sync", func() error {
		path, err := conn.Sync("/go")
		return first(err, same(path, "/go"))
	})
}

func modes() {
	check("sequences", func() error {
		_, err := conn.Create("/seq", nil, 0, open)
		if err != nil {
			return err
		}
		one, err := conn.Create("/seq/n-", nil, zk.FlagSequence, open)
		if err := first(err, same(one, "/seq/n-0000000000")); err != nil {
			return err
		}
		two, err := conn.Create("/seq/n-", nil, zk.FlagSequence|zk.FlagEphemeral, open)
		if err := first(err, same(two, "/seq/n-0000000001")); err != nil {
			return err
		}
		three, err := conn.CreateProtectedEphemeralSequential("/seq/p-", nil, open)
		if err != nil {
			return err
		}
		return same(three[len(three)-10:], "0000000002")
	})
	check("ephemerals", func() error {
		other, _, err := connect(server, 10*time.Second)
		if err != nil {
			return err
		}
		if _, err := other.Create("/eph", nil, zk.FlagEphemeral, open); err != nil {
			return err
		}
		_, stat, err := conn.Exists("/eph")
		if err := first(err, same(stat.EphemeralOwner, other.SessionID())); err != nil {
			return err
		}
		_, err = conn.Create("/eph/child", nil, 0, open)
		if err := fails(err, zk.ErrNoChildrenForEphemerals); err != nil {
			return err
		}
		other.Close()
		return until("the ephemeral is gone", func() bool { return gone("/eph") })
	})
	check("container", func() error {
		path, err := conn.CreateContainer("/container", nil, zk.FlagContainer, open)
		if err := first(err, same(path, "/container")); err != nil {
			return err
		}
		if _, err := conn.Create("/container/child", nil, 0, open); err != nil {
			return err
		}
		return first(conn.Delete("/container/child", -1), until("the container is gone", func() bool { return gone("/container") }))
	})
	check("ttl", func() error {
		path, err := conn.CreateTTL("/ttl", nil, zk.FlagTTL, open, 400*time.Millisecond)
		return first(err, same(path, "/ttl"), until("it is gone", func() bool { return gone("/ttl") }))
	})
}

func acls() {
	check("acls", func() error {
		bobs := zk.DigestACL(zk.PermAll, "bob", "secret")
		if err := conn.AddAuth("digest", []byte("bob:secret")); err != nil {
			return err
		}
		_, err := conn.Create("/acl", []byte("hidden"), 0, zk.AuthACL(zk.PermAll))
		if err != nil {
			return err
		}
		got, _, err := conn.GetACL("/acl")
		if err := first(err, same(got, bobs)); err != nil {
			return err
		}
		stranger, _, err := connect(server, 10*time.Second)
		if err != nil {
			return err
		}
		defer stranger.Close()
		_, _, err = stranger.Get("/acl")
		if err := fails(err, zk.ErrNoAuth); err != nil {
			return err
		}
		stat, err := conn.SetACL("/acl", append(bobs, zk.WorldACL(zk.PermRead)...), 0)
		if err := first(err, same(stat.Aversion, int32(1))); err != nil {
			return err
		}
		data, _, err := stranger.Get("/acl")
		if err := first(err, same(string(data), "hidden")); err != nil {
			return err
		}
		_, err = conn.Create("/acl2", nil, 0, []zk.ACL{{Perms: zk.PermAll, Scheme: "nonsense", ID: "x"}})
		return fails(err, zk.ErrInvalidACL)
	})
}

func multis() {
	check("multi", func() error {
		results, err := conn.Multi(
			&zk.CreateRequest{Path: "/multi", Data: []byte("1"), Acl: open},
			&zk.CreateRequest{Path: "/multi/n-", Acl: open, Flags: zk.FlagSequence},
			&zk.CheckVersionRequest{Path: "/multi", Version: 0},
			&zk.SetDataRequest{Path: "/multi", Data: []byte("2"), Version: 0},
			&zk.DeleteRequest{Path: "/multi/n-0000000000", Version: -1},
		)
		if err != nil {
			return err
		}
		return first(same(len(results), 5), same(results[1].String, "/multi/n-0000000000"), same(results[3].Stat.Version, int32(1)))
	})
	check("multi-fails-as-one", func() error {
		results, err := conn.Multi(
			&zk.SetDataRequest{Path: "/multi", Data: []byte("3"), Version: -1},
			&zk.CheckVersionRequest{Path: "/multi", Version: 77},
			&zk.DeleteRequest{Path: "/multi", Version: -1},
		)
		if err := first(fails(err, zk.ErrBadVersion), same(len(results), 3), fails(results[1].Error, zk.ErrBadVersion)); err != nil {
			return err
		}
		data, _, err := conn.Get("/multi")
		return first(err, same(string(data), "2"))
	})
}

func watches() {
	check("watch-data", func() error {
		conn.Create("/watch", nil, 0, open)
		_, _, events, err := conn.GetW("/watch")
		if err != nil {
			return err
		}
		_, err = conn.Set("/watch", []byte("x"), -1)
		return first(err, awaitEvent(events, zk.EventNodeDataChanged, "/watch"))
	})
	check("watch-exists", func() error {
		there, _, events, err := conn.ExistsW("/watch/later")
		if err := first(err, same(there, false)); err != nil {
			return err
		}
		_, err = conn.Create("/watch/later", nil, 0, open)
		if err := first(err, awaitEvent(events, zk.EventNodeCreated, "/watch/later")); err != nil {
			return err
		}
		_, _, events, err = conn.ExistsW("/watch/later")
		return first(err, conn.Delete("/watch/later", -1), awaitEvent(events, zk.EventNodeDeleted, "/watch/later"))
	})
	check("watch-children", func() error {
		_, _, events, err := conn.ChildrenW("/watch")
		if err != nil {
			return err
		}
		_, err = conn.Create("/watch/child", nil, 0, open)
		return first(err, awaitEvent(events, zk.EventNodeChildrenChanged, "/watch"))
	})
}

func reconnection() {
	check("reconnects", func() error {
		client, states, err := connect(proxy, 10*time.Second)
		if err != nil {
			return err
		}
		defer client.Close()
		id := client.SessionID()
		client.Create("/reconnects", nil, zk.FlagEphemeral, open)
		_, _, data, err := client.GetW("/reconnects")
		if err != nil {
			return err
		}
		_, _, created, err := client.ExistsW("/reconnects-later")
		if err != nil {
			return err
		}
		order("refuse")
		if err := awaitState(states, zk.StateDisconnected); err != nil {
			return err
		}
		conn.Set("/reconnects", []byte("x"), -1)
		conn.Create("/reconnects-later", nil, 0, open)
		order("accept")
		if err := awaitState(states, zk.StateHasSession); err != nil {
			return err
		}
		_, stat, err := conn.Exists("/reconnects")
		return first(err, same(client.SessionID(), id), same(stat.EphemeralOwner, id),
			awaitEvent(data, zk.EventNodeDataChanged, "/reconnects"),
			awaitEvent(created, zk.EventNodeCreated, "/reconnects-later"))
	})
	check("session-expires", func() error {
		client, states, err := connect(proxy, 2*time.Second)
		if err != nil {
			return err
		}
		defer client.Close()
		client.Create("/expires", nil, zk.FlagEphemeral, open)
		order("refuse")
		if err := until("the ephemeral is gone", func() bool { return gone("/expires") }); err != nil {
			return err
		}
		order("accept")
		return awaitState(states, zk.StateExpired)
	})
}

func others() {
	check("lock", func() error {
		var guard sync.Mutex
		holders, taken := 0, 0
		errs := make(chan error, 4)
		for i := 0; i < 4; i++ {
			go func() {
				client, _, err := connect(server, 10*time.Second)
				if err != nil {
					errs <- err
					return
				}
				defer client.Close()
				for j := 0; j < 10; j++ {
					lock := zk.NewLock(client, "/lock", open)
					if err := lock.Lock(); err != nil {
						errs <- err
						return
					}
					guard.Lock()
					holders++
					taken++
					if holders > 1 {
						errs <- errors.New("two hold the lock")
					}
					holders--
					guard.Unlock()
					if err := lock.Unlock(); err != nil {
						errs <- err
						return
					}
				}
				errs <- nil
			}()
		}
		for i := 0; i < 4; i++ {
			if err := <-errs; err != nil {
				return err
			}
		}
		return same(taken, 40)
	})
	check("reconfig-disabled", func() error {
		_, err := conn.IncrementalReconfig([]string{"server.9=127.0.0.1:1:2;3"}, nil, -1)
		if err == nil {
			return errors.New("should have failed")
		}
		return nil
	})
	check("four-letter-word", func() error {
		return same(zk.FLWRuok([]string{server}, 5*time.Second), []bool{true})
	})
	check("concurrent-writes", func() error {
		conn.Create("/order", nil, 0, open)
		var group sync.WaitGroup
		for i := 0; i < 200; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				conn.Set("/order", []byte("x"), -1)
			}()
		}
		group.Wait()
		_, stat, err := conn.Get("/order")
		return first(err, same(stat.Version, int32(200)))
	})
}
