/*
 * What the C client can do, checked one thing at a time.
 *
 * Arguments: the server's address, the address of a proxy to it, and the port at which the proxy takes orders. Prints
 * "ok NAME" or "FAIL NAME why" for each check.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zookeeper.h>

static const char *server, *proxy;
static int control;
static zhandle_t *zk;
static int failed;
static char why[1024];

/* Events, in the order they came, to be waited for. */
#define MAX_EVENTS 4096
struct events {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    int count, taken;
    struct { int type, state; char path[256]; } list[MAX_EVENTS];
};

static struct events *new_events(void) {
    struct events *events = calloc(1, sizeof *events);
    pthread_mutex_init(&events->lock, NULL);
    pthread_cond_init(&events->arrived, NULL);
    return events;
}

static void watcher(zhandle_t *handle, int type, int state, const char *path, void *context) {
    struct events *events = context ? context : (void *)zoo_get_context(handle);
    pthread_mutex_lock(&events->lock);
    if (events->count < MAX_EVENTS) {
        events->list[events->count].type = type;
        events->list[events->count].state = state;
        snprintf(events->list[events->count].path, 256, "%s", path ? path : "");
        events->count++;
    }
    pthread_cond_broadcast(&events->arrived);
    pthread_mutex_unlock(&events->lock);
}

static int fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    return 0;
}

/* Waits for the next event of the type (and, for a session event, the state); others of the same kind are a failure. */
static int expect(struct events *events, int type, int state, const char *path) {
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 60;
    int result = -1;
    pthread_mutex_lock(&events->lock);
    while (result < 0) {
        while (events->taken < events->count && result < 0) {
            int at = events->taken++;
            int session = events->list[at].type == ZOO_SESSION_EVENT;
            if (type == ZOO_SESSION_EVENT) {
                if (session && events->list[at].state == state) result = 1;
            } else if (!session) {
                result = events->list[at].type == type && strcmp(events->list[at].path, path) == 0;
                if (!result) fail("event %d %s, expected %d %s", events->list[at].type, events->list[at].path, type, path);
            }
        }
        if (result < 0 && pthread_cond_timedwait(&events->arrived, &events->lock, &limit) != 0)
            result = fail("no event %d in state %d %s", type, state, path ? path : "");
    }
    pthread_mutex_unlock(&events->lock);
    return result;
}

static zhandle_t *connect_to(const char *address, int timeout, struct events *events, const clientid_t *id) {
    zhandle_t *handle = zookeeper_init(address, watcher, timeout, id, events, 0);
    if (handle == NULL) return NULL;
    if (expect(events, ZOO_SESSION_EVENT, ZOO_CONNECTED_STATE, NULL)) return handle;
    zookeeper_close(handle);
    return NULL;
}

static void order(const char *word) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(control)};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char answer;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 || write(fd, word, strlen(word)) < 0 || read(fd, &answer, 1) < 0)
        perror("order");
    close(fd);
}

#define CHECK(condition) do { if (!(condition)) return fail("line %d: %s", __LINE__, #condition); } while (0)
#define CODE(call, code) do { int rc_ = (call); if (rc_ != (code)) return fail("line %d: %s is %s, not %s", __LINE__, #call, zerror(rc_), zerror(code)); } while (0)
#define EXPECT(events, type, path) do { if (!expect(events, type, 0, path)) return 0; } while (0)
#define EXPECT_STATE(events, state) do { if (!expect(events, ZOO_SESSION_EVENT, state, NULL)) return 0; } while (0)

static int until_gone(const char *path) {
    for (int i = 0; i < 3000; i++) {
        if (zoo_exists(zk, path, 0, NULL) == ZNONODE) return 1;
        usleep(20000);
    }
    return fail("%s is still there", path);
}

static int session(void) {
    CHECK(zoo_state(zk) == ZOO_CONNECTED_STATE);
    CHECK(zoo_client_id(zk)->client_id != 0);
    CHECK(zoo_recv_timeout(zk) == 10000);
    return 1;
}

static int create_get_set_delete(void) {
    char path[256], data[256];
    int length = sizeof data;
    struct Stat stat;
    CODE(zoo_create(zk, "/c", "one", 3, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path), ZOK);
    CHECK(strcmp(path, "/c") == 0);
    CODE(zoo_get(zk, "/c", 0, data, &length, &stat), ZOK);
    CHECK(length == 3 && memcmp(data, "one", 3) == 0 && stat.version == 0 && stat.czxid == stat.mzxid);
    CODE(zoo_set2(zk, "/c", "four", 4, 0, &stat), ZOK);
    CHECK(stat.version == 1 && stat.dataLength == 4);
    CODE(zoo_set(zk, "/c", "x", 1, 0), ZBADVERSION);
    CODE(zoo_create(zk, "/c", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path), ZNODEEXISTS);
    CODE(zoo_create(zk, "/c/a/b", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path), ZNONODE);
    CODE(zoo_create2(zk, "/c/child", "x", 1, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path, &stat), ZOK);
    CHECK(strcmp(path, "/c/child") == 0 && stat.dataLength == 1);
    CODE(zoo_delete(zk, "/c", -1), ZNOTEMPTY);
    CODE(zoo_delete(zk, "/c/child", 3), ZBADVERSION);
    CODE(zoo_delete(zk, "/c/child", 0), ZOK);
    CODE(zoo_exists(zk, "/c/child", 0, &stat), ZNONODE);
    return 1;
}

static int null_data(void) {
    char data[8];
    int length = sizeof data;
    CODE(zoo_set(zk, "/c", NULL, -1, -1), ZOK);
    CODE(zoo_get(zk, "/c", 0, data, &length, NULL), ZOK);
    CHECK(length == -1);
    CODE(zoo_set(zk, "/c", "", 0, -1), ZOK);
    length = sizeof data;
    CODE(zoo_get(zk, "/c", 0, data, &length, NULL), ZOK);
    CHECK(length == 0);
    return 1;
}

static int children(void) {
    struct String_vector names;
    struct Stat stat;
    char path[256];
    for (int i = 0; i < 100; i++) {
        snprintf(path, sizeof path, "/c/child-%d", i);
        CODE(zoo_create(zk, path, "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
    }
    CODE(zoo_get_children2(zk, "/c", 0, &names, &stat), ZOK);
    CHECK(names.count == 100 && stat.numChildren == 100 && stat.cversion == 102);
    deallocate_String_vector(&names);
    return 1;
}

static int sequences(void) {
    char path[256];
    CODE(zoo_create(zk, "/cseq", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
    CODE(zoo_create(zk, "/cseq/n-", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_SEQUENTIAL, path, sizeof path), ZOK);
    CHECK(strcmp(path, "/cseq/n-0000000000") == 0);
    CODE(zoo_create(zk, "/cseq/n-", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL_SEQUENTIAL, path, sizeof path), ZOK);
    CHECK(strcmp(path, "/cseq/n-0000000001") == 0);
    return 1;
}

static int ephemerals(void) {
    struct events *events = new_events();
    zhandle_t *other = connect_to(server, 10000, events, NULL);
    struct Stat stat;
    CHECK(other != NULL);
    CODE(zoo_create(other, "/ceph", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, NULL, 0), ZOK);
    CODE(zoo_exists(zk, "/ceph", 0, &stat), ZOK);
    CHECK(stat.ephemeralOwner == zoo_client_id(other)->client_id);
    CODE(zoo_create(zk, "/ceph/child", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZNOCHILDRENFOREPHEMERALS);
    zookeeper_close(other);
    return until_gone("/ceph");
}

static int container_and_ttl(void) {
    char path[256];
    struct Stat stat;
    CODE(zoo_create2(zk, "/ccontainer", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_CONTAINER, path, sizeof path, &stat), ZOK);
    CHECK(stat.ephemeralOwner == 0);
    CODE(zoo_create(zk, "/ccontainer/child", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
    CODE(zoo_delete(zk, "/ccontainer/child", -1), ZOK);
    if (!until_gone("/ccontainer")) return 0;
    CODE(zoo_create_ttl(zk, "/cttl", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_WITH_TTL, 400, path, sizeof path), ZOK);
    return until_gone("/cttl");
}

static int acls(void) {
    struct events *events = new_events();
    zhandle_t *bob = connect_to(server, 10000, events, NULL);
    struct ACL_vector got;
    struct Stat stat;
    char data[16];
    int length = sizeof data;
    CHECK(bob != NULL);
    CODE(zoo_add_auth(bob, "digest", "bob:secret", 10, NULL, NULL), ZOK);
    CODE(zoo_create(bob, "/cacl", "x", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0), ZOK);
    CODE(zoo_get_acl(bob, "/cacl", &got, &stat), ZOK);
    CHECK(got.count == 1 && strcmp(got.data[0].id.scheme, "digest") == 0 && strncmp(got.data[0].id.id, "bob:", 4) == 0);
    CODE(zoo_get(zk, "/cacl", 0, data, &length, NULL), ZNOAUTH);
    CODE(zoo_set_acl(zk, "/cacl", -1, &ZOO_OPEN_ACL_UNSAFE), ZNOAUTH);
    CODE(zoo_set_acl(bob, "/cacl", 0, &ZOO_OPEN_ACL_UNSAFE), ZOK);
    CODE(zoo_get(zk, "/cacl", 0, data, &length, NULL), ZOK);
    struct ACL nonsense[] = {{ZOO_PERM_ALL, {"nonsense", "x"}}};
    struct ACL_vector invalid = {1, nonsense};
    CODE(zoo_create(zk, "/cacl2", "", 0, &invalid, 0, NULL, 0), ZINVALIDACL);
    deallocate_ACL_vector(&got);
    zookeeper_close(bob);
    return 1;
}

static int authentication_refused(void) {
    struct events *events = new_events();
    zhandle_t *other = connect_to(server, 10000, events, NULL);
    CHECK(other != NULL);
    CODE(zoo_add_auth(other, "nonsense", "x", 1, NULL, NULL), ZOK);
    EXPECT_STATE(events, ZOO_AUTH_FAILED_STATE);
    zookeeper_close(other);
    return 1;
}

static int multi(void) {
    zoo_op_t ops[4];
    zoo_op_result_t results[4];
    char path[256];
    struct Stat stat;
    zoo_create_op_init(&ops[0], "/cmulti", "1", 1, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path);
    zoo_check_op_init(&ops[1], "/cmulti", 0);
    zoo_set_op_init(&ops[2], "/cmulti", "2", 1, 0, &stat);
    zoo_create_op_init(&ops[3], "/cmulti/n-", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_SEQUENTIAL, path, sizeof path);
    CODE(zoo_multi(zk, 4, ops, results), ZOK);
    CHECK(stat.version == 1 && strcmp(path, "/cmulti/n-0000000000") == 0);
    zoo_set_op_init(&ops[0], "/cmulti", "3", 1, -1, &stat);
    zoo_check_op_init(&ops[1], "/cmulti", 77);
    zoo_delete_op_init(&ops[2], "/cmulti", -1);
    CODE(zoo_multi(zk, 3, ops, results), ZBADVERSION);
    CHECK(results[0].err == ZOK && results[1].err == ZBADVERSION && results[2].err == ZRUNTIMEINCONSISTENCY);
    CODE(zoo_exists(zk, "/cmulti", 0, &stat), ZOK);
    CHECK(stat.version == 1);
    return 1;
}

static pthread_mutex_t counter_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t counted = PTHREAD_COND_INITIALIZER;
static int answered, wrong;

static void on_set(int rc, const struct Stat *stat, const void *data) {
    pthread_mutex_lock(&counter_lock);
    answered++;
    if (rc != ZOK || stat->version != (int)(long)data) wrong++;
    pthread_cond_signal(&counted);
    pthread_mutex_unlock(&counter_lock);
}

static int asynchronous(void) {
    CODE(zoo_create(zk, "/casync", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
    for (long i = 1; i <= 2000; i++) CODE(zoo_aset(zk, "/casync", "x", 1, -1, on_set, (void *)i), ZOK);
    struct Stat stat;
    CODE(zoo_exists(zk, "/casync", 0, &stat), ZOK);
    CHECK(stat.version == 2000);
    // The library calls back in a thread of its own, which may lag behind the answer to the synchronous call.
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 20;
    pthread_mutex_lock(&counter_lock);
    while (answered < 2000 && pthread_cond_timedwait(&counted, &counter_lock, &limit) == 0) {}
    int complete = answered == 2000 && wrong == 0;
    pthread_mutex_unlock(&counter_lock);
    CHECK(complete);
    return 1;
}

static int watches(void) {
    struct events *events = new_events();
    struct String_vector names;
    struct Stat stat;
    char data[16];
    int length = sizeof data;
    CODE(zoo_wexists(zk, "/cwatch", watcher, events, &stat), ZNONODE);
    CODE(zoo_create(zk, "/cwatch", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
    EXPECT(events, ZOO_CREATED_EVENT, "/cwatch");
    CODE(zoo_wget(zk, "/cwatch", watcher, events, data, &length, NULL), ZOK);
    CODE(zoo_set(zk, "/cwatch", "x", 1, -1), ZOK);
    EXPECT(events, ZOO_CHANGED_EVENT, "/cwatch");
    CODE(zoo_wget_children(zk, "/cwatch", watcher, events, &names), ZOK);
    deallocate_String_vector(&names);
    CODE(zoo_create(zk, "/cwatch/child", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
    EXPECT(events, ZOO_CHILD_EVENT, "/cwatch");
    CODE(zoo_delete(zk, "/cwatch/child", -1), ZOK);
    CODE(zoo_wexists(zk, "/cwatch", watcher, events, &stat), ZOK);
    CODE(zoo_delete(zk, "/cwatch", -1), ZOK);
    EXPECT(events, ZOO_DELETED_EVENT, "/cwatch");
    return 1;
}

static int removed_watches(void) {
    struct events *events = new_events();
    struct Stat stat;
    CODE(zoo_wexists(zk, "/c", watcher, events, &stat), ZOK);
    CODE(zoo_remove_watches(zk, "/c", ZWATCHTYPE_DATA, watcher, events, 0), ZOK);
    CODE(zoo_remove_watches(zk, "/c", ZWATCHTYPE_DATA, watcher, events, 0), ZNOWATCHER);
    return 1;
}

static int reconnects(void) {
    struct events *events = new_events();
    zhandle_t *client = connect_to(proxy, 10000, events, NULL);
    struct events *watched = new_events();
    struct Stat stat;
    CHECK(client != NULL);
    clientid_t id = *zoo_client_id(client);
    CODE(zoo_add_auth(client, "digest", "bob:secret", 10, NULL, NULL), ZOK);
    CODE(zoo_create(client, "/creconnects", "", 0, &ZOO_CREATOR_ALL_ACL, ZOO_EPHEMERAL, NULL, 0), ZOK);
    CODE(zoo_wexists(client, "/clater", watcher, watched, &stat), ZNONODE);
    order("refuse");
    EXPECT_STATE(events, ZOO_CONNECTING_STATE);
    CODE(zoo_create(zk, "/clater", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
    order("accept");
    EXPECT_STATE(events, ZOO_CONNECTED_STATE);
    CHECK(zoo_client_id(client)->client_id == id.client_id);
    EXPECT(watched, ZOO_CREATED_EVENT, "/clater");
    CODE(zoo_set(client, "/creconnects", "x", 1, -1), ZOK);
    zookeeper_close(client);
    return until_gone("/creconnects");
}

static int session_taken_up_again(void) {
    struct events *events = new_events();
    zhandle_t *first = connect_to(proxy, 10000, events, NULL);
    CHECK(first != NULL);
    CODE(zoo_create(first, "/cmoved", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, NULL, 0), ZOK);
    clientid_t id = *zoo_client_id(first);
    /* Or the first would take its session back at once. */
    order("refuse");
    zhandle_t *second = connect_to(server, 10000, new_events(), &id);
    CHECK(second != NULL);
    struct Stat stat;
    CODE(zoo_exists(second, "/cmoved", 0, &stat), ZOK);
    CHECK(stat.ephemeralOwner == id.client_id);
    zookeeper_close(second);
    order("accept");
    return until_gone("/cmoved");
}

static int session_expires(void) {
    struct events *events = new_events();
    zhandle_t *client = connect_to(proxy, 2000, events, NULL);
    CHECK(client != NULL);
    CODE(zoo_create(client, "/cexpires", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, NULL, 0), ZOK);
    order("refuse");
    if (!until_gone("/cexpires")) return 0;
    order("accept");
    EXPECT_STATE(events, ZOO_EXPIRED_SESSION_STATE);
    zookeeper_close(client);
    return 1;
}

static int chroot_path(void) {
    char address[128], path[256];
    struct Stat stat;
    CODE(zoo_create(zk, "/croot", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0), ZOK);
    snprintf(address, sizeof address, "%s/croot", server);
    zhandle_t *client = connect_to(address, 10000, new_events(), NULL);
    CHECK(client != NULL);
    CODE(zoo_create(client, "/inside", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path), ZOK);
    CHECK(strcmp(path, "/inside") == 0);
    CODE(zoo_exists(zk, "/croot/inside", 0, &stat), ZOK);
    zookeeper_close(client);
    return 1;
}

static int configuration(void) {
    char data[256];
    int length = sizeof data;
    struct Stat stat;
    CODE(zoo_getconfig(zk, 0, data, &length, &stat), ZOK);
    CHECK(length <= 0);
    length = sizeof data;
    CODE(zoo_reconfig(zk, "server.9=127.0.0.1:1:2;3", NULL, NULL, -1, data, &length, &stat), ZRECONFIGDISABLED);
    return 1;
}

int main(int count, char **arguments) {
    static const struct { const char *name; int (*body)(void); } checks[] = {
        {"session", session}, {"create-get-set-delete", create_get_set_delete}, {"null-data", null_data},
        {"children", children}, {"sequences", sequences}, {"ephemerals", ephemerals},
        {"container-and-ttl", container_and_ttl}, {"acls", acls}, {"authentication-refused", authentication_refused},
        {"multi", multi}, {"asynchronous", asynchronous}, {"watches", watches}, {"removed-watches", removed_watches},
        {"reconnects", reconnects}, {"session-taken-up-again", session_taken_up_again},
        {"session-expires", session_expires}, {"chroot", chroot_path}, {"configuration", configuration},
    };
    if (count < 4) return 2;
    server = arguments[1];
    proxy = arguments[2];
    control = atoi(arguments[3]);
    zoo_set_debug_level(0);
    zk = connect_to(server, 10000, new_events(), NULL);
    if (zk == NULL) {
        printf("FAIL connect %s\n", why);
        return 1;
    }
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (checks[i].body()) {
            printf("ok %s\n", checks[i].name);
        } else {
            failed++;
            printf("FAIL %s %s\n", checks[i].name, why);
        }
        fflush(stdout);
    }
    zookeeper_close(zk);
    return failed == 0 ? 0 : 1;
}
