/* Connects to 127.0.0.1:PORT in the network namespace in which it is started, which is not that of its user:
 *
 *   line-client PORT
 *
 * Repeats that each millisecond until it succeeds, then copies standard input to the connection and the connection
 * to standard output. Ends with the connection. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int connected(int port)
{
    struct sockaddr_in address = {AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {0}};
    int on = 1;
    for (;;) {
        int connection = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (!connect(connection, (struct sockaddr *)&address, sizeof address)) return connection;
        close(connection);
        usleep(1000);
    }
}

/* Returns 0 at the end of the data. */
static int copy(int from, int to)
{
    char buffer[4096];
    ssize_t n = read(from, buffer, sizeof buffer);
    for (ssize_t done = 0; done < n;) {
        ssize_t written = write(to, buffer + done, n - done);
        if (written < 0) return 0;
        done += written;
    }
    return n > 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) return fprintf(stderr, "usage: line-client PORT\n"), 2;
    int connection = connected(atoi(argv[1]));
    struct pollfd ends[] = {{STDIN_FILENO, POLLIN, 0}, {connection, POLLIN, 0}};
    while (poll(ends, 2, -1) > 0) {
        if (ends[0].revents && !copy(STDIN_FILENO, connection)) return 0;
        if (ends[1].revents && !copy(connection, STDOUT_FILENO)) return 0;
    }
    return 1;
}
