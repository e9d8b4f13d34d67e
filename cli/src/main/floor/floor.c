/* The floor of a remote page fault: what it costs on this machine in C without anything else.
 *
 *     floor MODE MEBIBYTES
 *
 * Two processes connected by loopback TCP. A thread of the destination touches random pages of
 * missing memory; its fault handler polls the userfaultfd and the urgent connection. The source
 * answers requests from its memory. Prints one line of JSON.
 *
 *     idle   faults only; each page is touched once, in random order
 *     bulk   the same while all memory is sent on a second connection and placed 64 KiB at a time
 *     place  the second connection only; no memory is touched
 *     raw    the second connection only; received data is discarded
 *
 * The source claims a page before it sends it, so that each page is sent once, on one connection; a
 * request for a claimed page is dropped. Touches of up to 10 us found their page present and do not
 * count. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "floor.h"

uint64_t pages;
char *memory;
int urgent = -1, bulk = -1;

void die(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ul + (uint64_t)t.tv_nsec;
}

uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

int receive(int fd, void *to, size_t length)
{
    for (char *at = to; length > 0;) {
        ssize_t n = recv(fd, at, length, 0);
        if (n == 0)
            return 0;
        if (n < 0)
            die("recv");
        at += n;
        length -= (size_t)n;
    }
    return 1;
}

void transmit(int fd, const void *from, size_t length, int flags)
{
    for (const char *at = from; length > 0;) {
        ssize_t n = send(fd, at, length, flags | MSG_NOSIGNAL);
        if (n < 0)
            die("send");
        at += n;
        length -= (size_t)n;
    }
}

char *map(void)
{
    char *p = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        die("mmap");
    madvise(p, pages * PAGE, MADV_NOHUGEPAGE);
    return p;
}

static int set_options(int fd)
{
    int one = 1;
    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0)
        die("socket");
    return fd;
}

static int connect_to(struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)address, sizeof *address) < 0)
        die("connect");
    return set_options(fd);
}

int main(int argc, char **argv)
{
    const char *mode = argc == 3 ? argv[1] : "";
    int touches = !strcmp(mode, "idle") || !strcmp(mode, "bulk");
    int with_bulk = strcmp(mode, "idle") != 0, keep = strcmp(mode, "raw") != 0;
    pages = argc == 3 ? strtoul(argv[2], 0, 10) << 8 : 0;
    if (pages == 0 || (!touches && strcmp(mode, "place") && strcmp(mode, "raw"))) {
        fprintf(stderr, "floor: usage: floor idle|bulk|place|raw MEBIBYTES\n");
        return 2;
    }
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 2) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        die("listen");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        urgent = connect_to(&address);
        bulk = connect_to(&address);
        source(with_bulk);
        return 0;
    }
    urgent = set_options(accept(listener, 0, 0));
    bulk = set_options(accept(listener, 0, 0));
    destination(mode, touches, with_bulk, keep);
    close(urgent);
    close(bulk);
    int status = 0;
    waitpid(child, &status, 0);
    return status == 0 ? 0 : 1;
}
