/*
 * Asks the service, or the echo server, over and over, and measures the answers.
 *
 *   load SOCKET WORK [--echo] [--connections N] [--depth N] [--batch N] [--first N] [--warm-up S] [--seconds S | --all]
 *
 * One thread, epoll, a closed loop: each connection has `depth` frames of `batch` questions out at any time, and sends
 * the next when an answer has come. Every answer is checked; the first wrong one ends the run with status 3.
 *
 * With --all the measured window ends when as many frames as there are have been answered, instead of after a time.
 * Prints `begin` when the window begins, `end` when it ends, and then one line of JSON.
 */
#define _GNU_SOURCE

#include "histogram.h"
#include "sockets.h"
#include "work.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 2 * 1024 * 1024, EVENTS = 64, GREATEST_DEPTH = 64, WRONG_ANSWER = 3 };

struct options {
    const char *socket;
    const char *work;
    int echo;
    uint32_t connections;
    uint32_t depth;
    uint32_t batch;
    uint32_t first;
    double warm_up;
    double seconds;
    int all;
};

/* A frame that has no answer yet. */
struct outstanding {
    uint32_t frame;
    uint64_t sent;
};

struct connection {
    int fd;
    int wants_to_write;
    uint32_t waiting;
    struct outstanding waits[GREATEST_DEPTH];
    size_t received;
    uint8_t *input;
    size_t written;
    size_t filled;
    uint8_t *output;
};

struct run {
    struct options options;
    struct work work;
    struct connection *connections;
    int poll;
    uint32_t next;
    int ending;
    uint64_t all_questions;
    uint64_t frames;
    struct histogram latency;
    struct tally tally;
};

static uint64_t clock_now(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) fail_call("clock_gettime");
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t now(void) {
    return clock_now(CLOCK_MONOTONIC);
}

static void watch(struct run *run, int operation, struct connection *connection) {
    uint32_t events = connection->wants_to_write ? EPOLLIN | EPOLLOUT : EPOLLIN;
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (epoll_ctl(run->poll, operation, connection->fd, &event) != 0) fail_call("epoll_ctl");
}

static void want_to_write(struct run *run, struct connection *connection, int wants) {
    if (connection->wants_to_write == wants) return;
    connection->wants_to_write = wants;
    watch(run, EPOLL_CTL_MOD, connection);
}

static void flush(struct run *run, struct connection *connection) {
    size_t left = connection->filled - connection->written;
    if (left == 0) return;
    ssize_t count = write(connection->fd, connection->output + connection->written, left);
    if (count < 0 && errno != EAGAIN && errno != EINTR) fail_call("write");
    if (count > 0) connection->written += (size_t)count;
    if (connection->written == connection->filled) connection->written = connection->filled = 0;
    want_to_write(run, connection, connection->filled > 0);
}

static void put_frame(struct run *run, struct connection *connection, uint64_t time) {
    uint32_t frame = run->next;
    run->next = frame + 1 == run->work.frames ? 0 : frame + 1;
    size_t length = run->work.offsets[frame + 1] - run->work.offsets[frame];
    if (connection->filled + length > BUFFER_BYTES) fail("the frames waiting to be sent are too many for the buffer");
    memcpy(connection->output + connection->filled, run->work.bytes + run->work.offsets[frame], length);
    connection->filled += length;
    connection->waits[connection->waiting++] = (struct outstanding){frame, time};
}

/* Has `depth` frames out on the connection, or no more than there are when the run is ending. */
static void top_up(struct run *run, struct connection *connection) {
    if (run->ending || connection->waiting == run->options.depth) return;
    uint64_t time = now();
    while (connection->waiting < run->options.depth) put_frame(run, connection, time);
    flush(run, connection);
}

/* Takes the frame out of those that wait; the process fails if it does not wait. */
static struct outstanding take_waiting(struct connection *connection, uint32_t frame) {
    for (uint32_t i = 0; i < connection->waiting; i++) {
        if (connection->waits[i].frame != frame) continue;
        struct outstanding found = connection->waits[i];
        connection->waits[i] = connection->waits[--connection->waiting];
        return found;
    }
    fprintf(stderr, "an answer to request %u, which was not asked\n", frame);
    exit(WRONG_ANSWER);
}

static void take_answer(
    struct run *run, struct connection *connection, const uint8_t *answer, size_t length, uint64_t time) {
    struct outstanding asked = take_waiting(connection, frame_request(answer));
    int right = run->options.echo ? is_echo(&run->work, asked.frame, answer, length)
                                  : is_right_answer(&run->work, asked.frame, answer, length, &run->tally);
    if (!right) exit(WRONG_ANSWER);
    histogram_add(&run->latency, time - asked.sent);
    run->frames++;
    run->all_questions += run->work.batch;
}

static void take_answers(struct run *run, struct connection *connection) {
    uint64_t time = now();
    size_t start = 0;
    while (connection->received - start >= FRAME_HEAD_BYTES) {
        const uint8_t *answer = connection->input + start;
        size_t length = frame_length(answer);
        if (length < FRAME_HEAD_BYTES || length > BUFFER_BYTES) fail("an answer has an impossible length");
        if (connection->received - start < length) break;
        take_answer(run, connection, answer, length, time);
        start += length;
    }
    connection->received -= start;
    memmove(connection->input, connection->input + start, connection->received);
}

static void receive(struct run *run, struct connection *connection) {
    ssize_t count =
        read(connection->fd, connection->input + connection->received, BUFFER_BYTES - connection->received);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) fail("the server ended a connection");
    connection->received += (size_t)count;
    take_answers(run, connection);
}

static void hello(int fd) {
    static const uint8_t frame[] = {0, 0, 0, 20, 0x01, 0, 0, 0, 1, 0x41, 0x5A, 0x52, 0x21, 0, 1, 0, 1, 0, 5,
                                    'b', 'e', 'n', 'c', 'h'};
    _Static_assert(sizeof frame == 24, "the length at its head is that of the rest");
    uint8_t head[FRAME_HEAD_BYTES];
    uint8_t body[1024];
    write_all(fd, frame, sizeof frame);
    read_all(fd, head, sizeof head);
    size_t rest = frame_length(head) - FRAME_HEAD_BYTES;
    if (head[4] != 0x02 || rest > sizeof body) fail("the service did not answer the hello with a welcome");
    read_all(fd, body, rest);
}

static void open_connection(struct run *run, struct connection *connection) {
    connection->fd = connect_to(run->options.socket);
    if (!run->options.echo) hello(connection->fd);
    set_nonblocking(connection->fd);
    connection->input = malloc(BUFFER_BYTES);
    connection->output = malloc(BUFFER_BYTES);
    if (connection->input == NULL || connection->output == NULL) fail_call("malloc");
    watch(run, EPOLL_CTL_ADD, connection);
}

static void turn(struct run *run, int timeout) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(run->poll, events, EVENTS, timeout);
    if (ready < 0 && errno != EINTR) fail_call("epoll_wait");
    for (int i = 0; i < ready; i++) {
        struct connection *connection = events[i].data.ptr;
        if (events[i].events & EPOLLOUT) flush(run, connection);
        if (events[i].events & ~(uint32_t)EPOLLOUT) receive(run, connection);
        top_up(run, connection);
    }
}

static void turn_until(struct run *run, uint64_t end) {
    while (now() < end) turn(run, 100);
}

static int is_waiting(const struct run *run) {
    for (uint32_t i = 0; i < run->options.connections; i++) {
        if (run->connections[i].waiting > 0) return 1;
    }
    return 0;
}

static uint64_t nanoseconds(double seconds) {
    return (uint64_t)(seconds * 1e9);
}

static void announce(const char *event) {
    puts(event);
    fflush(stdout);
}

static void report(const struct run *run, uint64_t elapsed, uint64_t cpu, uint64_t frames, uint64_t all_questions) {
    const struct histogram *latency = &run->latency;
    printf(
        "{\"seconds\": %.6f, \"frames\": %lu, \"questions\": %lu, \"all_questions\": %lu, \"client_cpu_ns\": %lu, "
        "\"cached\": %lu, \"allow\": %lu, \"deny\": %lu, \"native\": %lu, "
        "\"p50_ns\": %lu, \"p99_ns\": %lu, \"p999_ns\": %lu}\n",
        (double)elapsed / 1e9, frames, frames * run->work.batch, all_questions, cpu, run->tally.cached,
        run->tally.decisions[DECISION_ALLOW], run->tally.decisions[DECISION_DENY],
        run->tally.decisions[DECISION_NATIVE], histogram_quantile(latency, 0.5), histogram_quantile(latency, 0.99),
        histogram_quantile(latency, 0.999));
}

static void measure(struct run *run) {
    for (uint32_t i = 0; i < run->options.connections; i++) top_up(run, &run->connections[i]);
    turn_until(run, now() + nanoseconds(run->options.warm_up));

    announce("begin");
    histogram_clear(&run->latency);
    run->tally = (struct tally){0};
    run->frames = 0;
    uint64_t begin = now();
    uint64_t cpu = clock_now(CLOCK_PROCESS_CPUTIME_ID);
    if (run->options.all) {
        while (run->frames < run->work.frames) turn(run, 100);
    } else {
        turn_until(run, begin + nanoseconds(run->options.seconds));
    }
    uint64_t elapsed = now() - begin;
    cpu = clock_now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    uint64_t frames = run->frames;
    announce("end");

    run->ending = 1;
    while (is_waiting(run)) turn(run, 100);
    report(run, elapsed, cpu, frames, run->all_questions);
}

static uint32_t whole_number(const char *text, uint32_t least, uint32_t greatest) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < least || value > greatest) fail("a number is out of range");
    return (uint32_t)value;
}

static struct options parse(int count, char **arguments) {
    static const struct option known[] = {
        {"echo", no_argument, NULL, 'e'},           {"connections", required_argument, NULL, 'c'},
        {"depth", required_argument, NULL, 'd'},    {"batch", required_argument, NULL, 'b'},
        {"first", required_argument, NULL, 'f'},    {"warm-up", required_argument, NULL, 'w'},
        {"seconds", required_argument, NULL, 's'},  {"all", no_argument, NULL, 'a'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.connections = 1, .depth = 1, .batch = 1, .warm_up = 0.5, .seconds = 2};
    int found;
    while ((found = getopt_long(count, arguments, "", known, NULL)) != -1) {
        switch (found) {
            case 'e': options.echo = 1; break;
            case 'a': options.all = 1; break;
            case 'c': options.connections = whole_number(optarg, 1, 10000); break;
            case 'd': options.depth = whole_number(optarg, 1, GREATEST_DEPTH); break;
            case 'b': options.batch = whole_number(optarg, 1, 1024); break;
            case 'f': options.first = whole_number(optarg, 0, UINT32_MAX); break;
            case 'w': options.warm_up = atof(optarg); break;
            case 's': options.seconds = atof(optarg); break;
            default: exit(64);
        }
    }
    if (count - optind != 2) fail("usage: load SOCKET WORK [options]");
    options.socket = arguments[optind];
    options.work = arguments[optind + 1];
    return options;
}

int main(int count, char **arguments) {
    struct run run = {.options = parse(count, arguments)};
    run.work = load_work(run.options.work, run.options.batch);
    run.next = run.options.first % run.work.frames;
    uint64_t most = (uint64_t)run.options.connections * run.options.depth;
    if (most > run.work.frames) fail("the work file has too few requests for so many frames at once");
    run.poll = epoll_create1(EPOLL_CLOEXEC);
    if (run.poll < 0) fail_call("epoll_create1");
    run.connections = calloc(run.options.connections, sizeof *run.connections);
    if (run.connections == NULL) fail_call("calloc");
    for (uint32_t i = 0; i < run.options.connections; i++) open_connection(&run, &run.connections[i]);
    measure(&run);
    return 0;
}
