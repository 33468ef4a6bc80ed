#define _GNU_SOURCE

#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void fail(const char *message) {
    fprintf(stderr, "%s\n", message);
    exit(1);
}

void fail_call(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) fail("the socket's path is too long");
    strcpy(address.sun_path, path);
    return address;
}

static int unix_socket(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail_call("socket");
    return fd;
}

int listen_at(const char *path) {
    struct sockaddr_un address = address_of(path);
    int fd = unix_socket();
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) fail_call("bind");
    if (listen(fd, 1024) != 0) fail_call("listen");
    return fd;
}

int connect_to(const char *path) {
    struct sockaddr_un address = address_of(path);
    int fd = unix_socket();
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) fail_call("connect");
    return fd;
}

void set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) fail_call("fcntl");
}

void write_all(int fd, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail_call("write");
        bytes += written;
        count -= (size_t)written;
    }
}

void read_all(int fd, uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t got = read(fd, bytes, count);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) fail("the server ended the connection");
        bytes += got;
        count -= (size_t)got;
    }
}
