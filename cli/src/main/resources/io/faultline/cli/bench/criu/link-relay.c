/* A slow and long link, for a machine whose kernel has no netem:
 *
 *   link-relay LISTEN_PORT ADDRESS PORT DELAY_MICROS BYTES_PER_SECOND
 *
 * Forwards each connection to ADDRESS:PORT. Data arrives DELAY_MICROS after it was sent, in each direction, and no
 * direction carries more than BYTES_PER_SECOND (0: no limit). A connection that is reset on one side is reset on the
 * other, and one that is closed is closed: CRIU continues the source after a reset and kills it after a close. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 64 << 10, IN_FLIGHT = 4 << 20 };

struct chunk { struct chunk *next; uint64_t due; ssize_t bytes; char data[CHUNK]; };

/* Owned by the two threads of a direction; the last chunk has 0 bytes, or -1 for a reset. */
struct direction {
    int from, to;
    struct chunk *first, *last;
    size_t waiting;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

static uint64_t delay_nanos, bytes_per_second;

static void die(const char *what) { perror(what); exit(1); }

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ul + t.tv_nsec;
}

static void sleep_until(uint64_t nanos)
{
    struct timespec t = {nanos / 1000000000, nanos % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, 0)) continue;
}

static void put(struct direction *direction, struct chunk *chunk)
{
    pthread_mutex_lock(&direction->lock);
    while (direction->waiting > IN_FLIGHT) pthread_cond_wait(&direction->changed, &direction->lock);
    if (direction->first) direction->last->next = chunk;
    else direction->first = chunk;
    direction->last = chunk;
    direction->waiting += chunk->bytes > 0 ? chunk->bytes : 0;
    pthread_cond_signal(&direction->changed);
    pthread_mutex_unlock(&direction->lock);
}

static struct chunk *take(struct direction *direction)
{
    pthread_mutex_lock(&direction->lock);
    while (!direction->first) pthread_cond_wait(&direction->changed, &direction->lock);
    struct chunk *chunk = direction->first;
    direction->first = chunk->next;
    direction->waiting -= chunk->bytes > 0 ? chunk->bytes : 0;
    pthread_cond_signal(&direction->changed);
    pthread_mutex_unlock(&direction->lock);
    return chunk;
}

static void *receive(void *argument)
{
    struct direction *direction = argument;
    uint64_t busy_until = 0;
    ssize_t bytes;
    do {
        struct chunk *chunk = malloc(sizeof *chunk);
        if (!chunk) die("malloc");
        chunk->next = 0;
        chunk->bytes = bytes = recv(direction->from, chunk->data, CHUNK, 0);
        uint64_t time = now();
        if (bytes_per_second && bytes > 0) {
            busy_until = (busy_until > time ? busy_until : time) + bytes * 1000000000ul / bytes_per_second;
            time = busy_until;
        }
        chunk->due = time + delay_nanos;
        put(direction, chunk);
    } while (bytes > 0);
    return 0;
}

static void reset(int connection)
{
    struct linger now_and_hard = {1, 0};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &now_and_hard, sizeof now_and_hard);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    connect(connection, &none, sizeof none); /* sends the reset, and keeps the descriptor of the other threads */
}

static void *deliver(void *argument)
{
    struct direction *direction = argument;
    for (;;) {
        struct chunk *chunk = take(direction);
        sleep_until(chunk->due);
        ssize_t bytes = chunk->bytes;
        for (ssize_t done = 0; done < bytes;) {
            ssize_t sent = send(direction->to, chunk->data + done, bytes - done, MSG_NOSIGNAL);
            if (sent < 0) reset(direction->from);
            if (sent < 0) break;
            done += sent;
        }
        free(chunk);
        if (bytes < 0) reset(direction->to);
        if (bytes == 0) shutdown(direction->to, SHUT_WR);
        if (bytes <= 0) return 0;
    }
}

static void forward(int from, int to)
{
    struct direction *direction = calloc(1, sizeof *direction);
    pthread_t thread;
    int on = 1;
    if (!direction) die("calloc");
    direction->from = from;
    direction->to = to;
    pthread_mutex_init(&direction->lock, 0);
    pthread_cond_init(&direction->changed, 0);
    setsockopt(to, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (pthread_create(&thread, 0, receive, direction) || pthread_create(&thread, 0, deliver, direction))
        die("pthread_create");
}

int main(int argc, char **argv)
{
    if (argc != 6) return fprintf(stderr, "usage: link-relay LISTEN_PORT ADDRESS PORT DELAY_MICROS BYTES_PER_SECOND\n"), 2;
    struct sockaddr_in near = {AF_INET, htons(atoi(argv[1])), {htonl(INADDR_ANY)}, {0}};
    struct sockaddr_in far = {AF_INET, htons(atoi(argv[3])), {inet_addr(argv[2])}, {0}};
    delay_nanos = strtoul(argv[4], 0, 10) * 1000;
    bytes_per_second = strtoul(argv[5], 0, 10);
    int listening = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listening, (struct sockaddr *)&near, sizeof near) || listen(listening, 16)) die("listen");
    printf("READY\n");
    fflush(stdout);
    for (;;) {
        int connection = accept(listening, 0, 0);
        int onward = socket(AF_INET, SOCK_STREAM, 0);
        if (connection < 0 || onward < 0) die("accept");
        if (connect(onward, (struct sockaddr *)&far, sizeof far)) {
            close(onward);
            reset(connection);
            continue;
        }
        forward(connection, onward);
        forward(onward, connection);
    }
}
