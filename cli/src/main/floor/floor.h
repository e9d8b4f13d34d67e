/* Declarations shared by both processes of the floor; see floor.c. */
#ifndef FLOOR_H
#define FLOOR_H

#include <stddef.h>
#include <stdint.h>

#define PAGE 4096ul
#define RUN_PAGES 16ul
#define MIN_FAULT_NS 10000ul
#define END UINT64_MAX

/* Precedes the pages of a run; first = END and pages = 0 at the end. */
struct run {
    uint64_t first, pages;
};

/* Number of pages, the memory of this process, and its sockets. */
extern uint64_t pages;
extern char *memory;
extern int urgent, bulk;

/* Fills memory, then answers requests until the destination closes. */
void source(int with_bulk);

/* Measures and prints the result. */
void destination(const char *mode, int touches, int with_bulk, int keep);

/* Exits with a message and errno. */
void die(const char *what);

/* CLOCK_MONOTONIC, in nanoseconds. */
uint64_t now(void);

/* xorshift64; the state must not be 0. */
uint64_t next_random(uint64_t *state);

/* Receives exactly length bytes and returns 1; returns 0 at the end of the stream. */
int receive(int fd, void *to, size_t length);

void transmit(int fd, const void *from, size_t length, int flags);

/* Maps guest memory with 4 KiB pages. */
char *map(void);

#endif
