#ifndef WORK_H
#define WORK_H

#include <stddef.h>
#include <stdint.h>

/*
 * The requests to send, as `ask` frames of `batch` questions each, and what is to be answered.
 *
 * Frame `f` lies in bytes[offsets[f]..<offsets[f + 1]]; its request id is f, and it holds the questions from f * batch
 * on.
 */
struct work {
    uint8_t *bytes;
    size_t *offsets;
    uint32_t frames;
    uint32_t batch;
    uint8_t *decisions;
    uint8_t *reasons;
};

enum { DECISION_ALLOW = 1, DECISION_DENY = 2, DECISION_NATIVE = 3, DECISIONS = 4 };

/* What was answered, counted. */
struct tally {
    uint64_t decisions[DECISIONS];
    uint64_t cached;
};

/*
 * Reads the file that workload.py writes: the bytes `AZBW`, a u32 count, and for each request a u8 decision, a u8
 * reason, a u16 length and so many bytes of a question as docs/wire.md has it. All integers are big-endian.
 */
struct work load_work(const char *path, uint32_t batch);

/* Length of a frame whose first four bytes these are, these included. */
size_t frame_length(const uint8_t *frame);
uint32_t frame_request(const uint8_t *frame);

enum { FRAME_HEAD_BYTES = 9 };

/* Whether a frame that came is what the service has to answer to `frame`; counts its answers. Says on stderr what is
 * wrong. */
int is_right_answer(
    const struct work *work, uint32_t frame, const uint8_t *answer, size_t length, struct tally *tally);

/* Whether a frame that came is `frame` itself. Says on stderr if it is not. */
int is_echo(const struct work *work, uint32_t frame, const uint8_t *answer, size_t length);

#endif
