#ifndef SOCKETS_H
#define SOCKETS_H

#include <stddef.h>
#include <stdint.h>

/* Prints a message and ends the process with status 1. */
_Noreturn void fail(const char *message);

/* The same, of a system call that has failed: with what errno says. */
_Noreturn void fail_call(const char *what);

/* A listening socket at a path where nothing is yet. */
int listen_at(const char *path);

/* A blocking connection to the socket at a path. */
int connect_to(const char *path);

void set_nonblocking(int fd);

/* Blocking: all of it, or the process fails. */
void write_all(int fd, const uint8_t *bytes, size_t count);
void read_all(int fd, uint8_t *bytes, size_t count);

#endif
