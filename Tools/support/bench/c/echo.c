/*
 * The floor that the service is compared with: a single-threaded epoll server that sends back what it reads.
 *
 *   echo SOCKET
 *
 * It looks at nothing, allocates nothing after accept, and writes what one read gave in one write. A client that does
 * not take its bytes is not read from until it does.
 */
#define _GNU_SOURCE

#include "sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 * 1024, EVENTS = 64 };

/* What was read and could not be written yet lies in bytes[start..<end]. */
struct connection {
    int fd;
    size_t start;
    size_t end;
    uint8_t bytes[BUFFER_BYTES];
};

static void watch(int poll, int operation, int fd, uint32_t events, void *data) {
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(poll, operation, fd, &event) != 0) fail_call("epoll_ctl");
}

static void accept_one(int poll, int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    struct connection *connection = malloc(sizeof *connection);
    if (connection == NULL) fail_call("malloc");
    connection->fd = fd;
    connection->start = connection->end = 0;
    watch(poll, EPOLL_CTL_ADD, fd, EPOLLIN, connection);
}

static void end_connection(struct connection *connection) {
    close(connection->fd);
    free(connection);
}

/* Writes what is held; 0 when the connection is gone. */
static int write_held(int poll, struct connection *connection) {
    size_t held = connection->end - connection->start;
    ssize_t written = write(connection->fd, connection->bytes + connection->start, held);
    if (written < 0 && errno != EAGAIN && errno != EINTR) return 0;
    if (written > 0) connection->start += (size_t)written;
    if (connection->start < connection->end) {
        watch(poll, EPOLL_CTL_MOD, connection->fd, EPOLLOUT, connection);
        return 1;
    }
    connection->start = connection->end = 0;
    return 1;
}

static int read_some(struct connection *connection) {
    ssize_t got = read(connection->fd, connection->bytes, BUFFER_BYTES);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 1;
    if (got <= 0) return 0;
    connection->end = (size_t)got;
    return 1;
}

static void serve(int poll, struct connection *connection, uint32_t events) {
    int alive = 1;
    if (events & EPOLLOUT) {
        alive = write_held(poll, connection);
        if (alive && connection->end == 0) watch(poll, EPOLL_CTL_MOD, connection->fd, EPOLLIN, connection);
    } else {
        alive = read_some(connection);
        if (alive && connection->end > 0) alive = write_held(poll, connection);
    }
    if (!alive) end_connection(connection);
}

int main(int count, char **arguments) {
    if (count != 2) fail("usage: echo SOCKET");
    int listener = listen_at(arguments[1]);
    set_nonblocking(listener);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (poll < 0) fail_call("epoll_create1");
    watch(poll, EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
    while (1) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(poll, events, EVENTS, -1);
        if (ready < 0 && errno != EINTR) fail_call("epoll_wait");
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr == NULL) {
                accept_one(poll, listener);
            } else {
                serve(poll, events[i].data.ptr, events[i].events);
            }
        }
    }
}
