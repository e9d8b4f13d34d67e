/* The client of a pager process. The header describes it; docs/pager-process.md describes the messages. */
#define _GNU_SOURCE
#include "faultline_pager.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

#define FEATURES                                                             \
  (UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_MISSING_SHMEM |             \
   UFFD_FEATURE_MINOR_SHMEM | UFFD_FEATURE_WP_HUGETLBFS_SHMEM)
#define ANSWER_BYTES 16384   /* the longest is that of stats */
#define HANDSHAKE_SECONDS 60 /* the pager opens the store, which may be slow */

struct faultline_region {
  char *address;
  size_t length;
  uint64_t buffer;
  int memory, userfault, socket;
  pthread_t watcher;
  atomic_int closing, lost;
  pthread_mutex_t one_request; /* also guards answer and unread */
  size_t unread;               /* bytes of answer that have arrived */
  char answer[ANSWER_BYTES];
};

static _Thread_local char error_text[1024];

const char *faultline_error(void) { return error_text; }
void *faultline_address(const faultline_region *region) { return region->address; }
size_t faultline_length(const faultline_region *region) { return region->length; }
uint64_t faultline_buffer(const faultline_region *region) { return region->buffer; }

__attribute__((format(printf, 2, 3))) static int fail(int code, const char *format, ...) {
  va_list values;
  va_start(values, format);
  vsnprintf(error_text, sizeof error_text, format, values);
  va_end(values);
  errno = code;
  return -1;
}

/* Fails with errno, and its description at the end. */
static int fail_errno(const char *what) { return fail(errno, "%s: %s", what, strerror(errno)); }

/* --- Messages -------------------------------------------------------------------------------- */

/*
 * The value of a key in an answer, or NULL. Within a JSON string, quotation marks are escaped, so that
 * the text of an error cannot be found as a key.
 */
static const char *value_of(const char *answer, const char *key) {
  char quoted[32];
  snprintf(quoted, sizeof quoted, "\"%s\":", key);
  const char *found = strstr(answer, quoted);
  return found == NULL ? NULL : found + strlen(quoted) + strspn(found + strlen(quoted), " ");
}

/* Fails with the text of an answer that is an error. */
static int refused(const char *answer) {
  const char *text = value_of(answer, "error");
  if (text == NULL || *text++ != '"') return fail(EPROTO, "not an answer of a pager: %.200s", answer);
  char plain[sizeof error_text];
  size_t length = 0;
  for (; *text != 0 && *text != '"' && length < sizeof plain - 1; text++) {
    if (*text == '\\' && text[1] != 0) text++;
    plain[length++] = *text;
  }
  return fail(EREMOTEIO, "the pager refuses: %.*s", (int) length, plain);
}

/* Writes a string as JSON; returns where it ends. */
static char *quote(char *to, const char *text) {
  *to++ = '"';
  for (; *text != 0; text++) {
    if ((unsigned char) *text < ' ') {
      to += sprintf(to, "\\u%04x", *text);
    } else {
      if (*text == '"' || *text == '\\') *to++ = '\\';
      *to++ = *text;
    }
  }
  *to++ = '"';
  return to;
}

/* Sends bytes, with two descriptors if there are any. */
static int send_all(int socket, const char *bytes, size_t length, const int descriptors[2]) {
  char control[CMSG_SPACE(2 * sizeof(int))] = {0};
  while (length > 0) {
    struct iovec part = {(void *) bytes, length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptors != NULL) {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      struct cmsghdr *header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(2 * sizeof(int));
      memcpy(CMSG_DATA(header), descriptors, 2 * sizeof(int));
    }
    ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return fail_errno("the pager has closed the connection");
    bytes += sent;
    length -= sent;
    descriptors = NULL; /* they went with the first byte */
  }
  return 0;
}

/* Reads one line into the region's answer. */
static int read_answer(faultline_region *region) {
  size_t length = 0;
  char *end;
  while ((end = memchr(region->answer, '\n', length)) == NULL) {
    if (length == ANSWER_BYTES - 1) return fail(EPROTO, "an answer of the pager is too long");
    ssize_t got = recv(region->socket, region->answer + length, ANSWER_BYTES - 1 - length, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN)
      return fail(ETIMEDOUT, "the pager has not answered within %d s", HANDSHAKE_SECONDS);
    if (got < 0) return fail_errno("reading the pager's answer");
    if (got == 0) return fail(ECONNRESET, "the pager has closed the connection");
    length += got;
  }
  *end = 0;
  const char *ok = value_of(region->answer, "ok");
  return ok != NULL && strncmp(ok, "true", 4) == 0 ? 0 : refused(region->answer);
}

/* Sends a request for a range and waits for its answer, which the caller holding the lock may read. */
static int ask(faultline_region *region, const char *what, uint64_t offset, uint64_t length,
               const char *advice) {
  char line[256];
  int size = snprintf(line, sizeof line,
                      "{\"do\":\"%s\",\"region\":0,\"offset\":%llu,\"length\":%llu%s%s%s}\n", what,
                      (unsigned long long) offset, (unsigned long long) length,
                      *advice ? ",\"advice\":\"" : "", advice, *advice ? "\"" : "");
  if (atomic_load(&region->lost)) return fail(ECONNRESET, "the pager has ended");
  return send_all(region->socket, line, size, NULL) < 0 ? -1 : read_answer(region);
}

static const char *const advice_names[] = {"normal", "sequential", "random"};

static int is_advice(enum faultline_advice advice) {
  return (unsigned) advice <= FAULTLINE_RANDOM;
}

static int request(faultline_region *region, const char *what, uint64_t offset, uint64_t length,
                   const char *advice) {
  if (length > region->length || offset > region->length - length)
    return fail(EINVAL, "offset %llu and length %llu are not within the region of %zu bytes",
                (unsigned long long) offset, (unsigned long long) length, region->length);
  pthread_mutex_lock(&region->one_request);
  int result = ask(region, what, offset, length, advice);
  pthread_mutex_unlock(&region->one_request);
  return result;
}

int faultline_flush(faultline_region *region, uint64_t offset, uint64_t length) {
  return request(region, "flush", offset, length, "");
}

int faultline_prefetch(faultline_region *region, uint64_t offset, uint64_t length) {
  return request(region, "prefetch", offset, length, "");
}

int faultline_discard(faultline_region *region, uint64_t offset, uint64_t length) {
  return request(region, "discard", offset, length, "");
}

int faultline_pin(faultline_region *region, uint64_t offset, uint64_t length) {
  return request(region, "pin", offset, length, "");
}

int faultline_unpin(faultline_region *region, uint64_t offset, uint64_t length) {
  return request(region, "unpin", offset, length, "");
}

int faultline_advise(faultline_region *region, uint64_t offset, uint64_t length,
                     enum faultline_advice advice) {
  if (!is_advice(advice)) return fail(EINVAL, "%d is no advice", (int) advice);
  return request(region, "advise", offset, length, advice_names[advice]);
}

int faultline_stats(faultline_region *region, char *json, size_t size) {
  pthread_mutex_lock(&region->one_request);
  int result = ask(region, "stats", 0, region->length, "");
  if (result == 0 && strlen(region->answer) >= size)
    result = fail(ENOSPC, "the counters need %zu bytes", strlen(region->answer) + 1);
  if (result == 0) strcpy(json, region->answer);
  pthread_mutex_unlock(&region->one_request);
  return result;
}

/* --- Mapping --------------------------------------------------------------------------------- */

static int connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path)
    return fail(ENAMETOOLONG, "%s: the path of a socket has at most %zu bytes", path,
                sizeof address.sun_path - 1);
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail_errno("socket");
  if (connect(fd, (struct sockaddr *) &address, sizeof address) == 0) return fd;
  fail(errno, "%s: %s; start faultline pager --socket there", path, strerror(errno));
  close(fd);
  return -1;
}

/* As privileged as this process may: with the last way, system calls cannot wait for pages. */
static int open_userfaultfd(void) {
  int flags = O_CLOEXEC | O_NONBLOCK;
  int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
  int fd = device < 0 ? -1 : ioctl(device, USERFAULTFD_IOC_NEW, flags);
  if (device >= 0) close(device);
  if (fd < 0) fd = syscall(SYS_userfaultfd, flags);
  if (fd < 0) fd = syscall(SYS_userfaultfd, flags | UFFD_USER_MODE_ONLY);
  if (fd < 0) return fail_errno("userfaultfd is not permitted");
  struct uffdio_api api = {.api = UFFD_API, .features = FEATURES};
  if (ioctl(fd, UFFDIO_API, &api) == 0) return fd;
  fail(errno, "userfaultfd of this kernel cannot page shared memory: Linux 5.19 is needed");
  close(fd);
  return -1;
}

/*
 * Ends the use of memory that nobody fills any more: whoever sleeps in a fault, and whoever touches the
 * region later, gets SIGSEGV, and not a page of zeros. mprotect() waits for faults that are being
 * entered, so that the wake-up reaches all.
 */
static void *watch(void *argument) {
  faultline_region *region = argument;
  struct pollfd end = {region->socket, POLLRDHUP, 0};
  while (poll(&end, 1, -1) < 0 && errno == EINTR) {}
  if (!atomic_load(&region->closing)) {
    atomic_store(&region->lost, 1);
    mprotect(region->address, region->length, PROT_NONE);
    struct uffdio_range all = {(uintptr_t) region->address, region->length};
    ioctl(region->userfault, UFFDIO_WAKE, &all);
  }
  return NULL;
}

static int start_watcher(faultline_region *region) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the program's own */
  int code = pthread_create(&region->watcher, NULL, watch, region);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code == 0 ? 0 : fail(code, "a thread: %s", strerror(code));
}

/* Memory that both processes map, and that can change its size in neither. */
static int make_memory(faultline_region *region) {
  region->memory = memfd_create("faultline", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (region->memory < 0) return fail_errno("memfd_create");
  if (ftruncate(region->memory, region->length) < 0) return fail_errno("ftruncate");
  if (fcntl(region->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
    return fail_errno("F_ADD_SEALS");
  return 0;
}

/*
 * Registered before it is put where the program may know it: a page that is touched before the pager has
 * the userfaultfd waits for it. A child of fork() would see holes as zeros, so it does not see them.
 */
static int make_mapping(faultline_region *region, void *at, int prot) {
  int flags = MAP_SHARED | MAP_NORESERVE | (at == NULL ? 0 : MAP_FIXED);
  region->address = mmap(at, region->length, prot, flags, region->memory, 0);
  if (region->address == MAP_FAILED) return fail_errno("mmap");
  if (madvise(region->address, region->length, MADV_DONTFORK) < 0) return fail_errno("madvise");
  if ((region->userfault = open_userfaultfd()) < 0) return -1;
  struct uffdio_register range = {
      .range = {(uintptr_t) region->address, region->length},
      .mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_MINOR | UFFDIO_REGISTER_MODE_WP};
  if (ioctl(region->userfault, UFFDIO_REGISTER, &range) < 0) return fail_errno("UFFDIO_REGISTER");
  return 0;
}

static int shake_hands(faultline_region *region, const char *store, uint64_t offset, int prot,
                       const struct faultline_options *options) {
  char *line = malloc(6 * strlen(store) + 512);
  if (line == NULL) return fail_errno("malloc");
  char *end = line + sprintf(line,
                             "[{\"base_host_virt_addr\":%llu,\"size\":%zu,\"offset\":0,\"page_size\":%ld,"
                             "\"writable\":%s,\"store_offset\":%llu,\"store\":",
                             (unsigned long long) (uintptr_t) region->address, region->length,
                             sysconf(_SC_PAGESIZE), prot & PROT_WRITE ? "true" : "false",
                             (unsigned long long) offset);
  end = quote(end, store);
  if (options->most_bytes > 0)
    end += sprintf(end, ",\"most_bytes\":%llu", (unsigned long long) options->most_bytes);
  end += sprintf(end, ",\"least_bytes\":%llu,\"advice\":\"%s\"}]\n",
                 (unsigned long long) options->least_bytes, advice_names[options->advice]);
  int descriptors[2] = {region->userfault, region->memory};
  int sent = send_all(region->socket, line, end - line, descriptors);
  free(line);
  struct timeval limit = {HANDSHAKE_SECONDS, 0}, none = {0, 0};
  setsockopt(region->socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (read_answer(region) < 0 || sent < 0) return -1; /* the answer says why the pager has not read it all */
  setsockopt(region->socket, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
  const char *buffer = value_of(region->answer, "buffer");
  region->buffer = buffer == NULL ? 0 : strtoull(buffer, NULL, 10);
  return 0;
}

/* Unmapped first: the last userfaultfd that is closed would turn missing pages into zeros. */
static void release(faultline_region *region) {
  int code = errno;
  if (region->address != MAP_FAILED) munmap(region->address, region->length);
  if (region->userfault >= 0) close(region->userfault);
  if (region->memory >= 0) close(region->memory);
  if (region->socket >= 0) close(region->socket);
  pthread_mutex_destroy(&region->one_request);
  free(region);
  errno = code;
}

faultline_region *faultline_map_with(void *address, const char *socket, const char *store,
                                     uint64_t offset, size_t length, int prot,
                                     const struct faultline_options *options) {
  size_t page = sysconf(_SC_PAGESIZE);
  if (length == 0 || length > SIZE_MAX - page || offset % page != 0 || (uintptr_t) address % page != 0 ||
      (prot & ~(PROT_READ | PROT_WRITE)) != 0 || (prot & PROT_READ) == 0) {
    fail(EINVAL, "offset %llu, length %zu, address %p, prot %d: not whole pages of %zu bytes to read",
         (unsigned long long) offset, length, address, prot, page);
    return NULL;
  }
  if (!is_advice(options->advice)) {
    fail(EINVAL, "%d is no advice", (int) options->advice);
    return NULL;
  }
  faultline_region *region = calloc(1, sizeof *region);
  if (region == NULL) {
    fail_errno("calloc");
    return NULL;
  }
  region->length = (length + page - 1) / page * page;
  region->address = MAP_FAILED;
  region->userfault = region->memory = -1;
  pthread_mutex_init(&region->one_request, NULL);
  if ((region->socket = connect_to(socket)) < 0 || make_memory(region) < 0 ||
      make_mapping(region, address, prot) < 0 ||
      shake_hands(region, store, offset, prot, options) < 0 || start_watcher(region) < 0) {
    release(region);
    return NULL;
  }
  return region;
}

faultline_region *faultline_map_at(void *address, const char *socket, const char *store,
                                   uint64_t offset, size_t length, int prot) {
  static const struct faultline_options defaults;
  return faultline_map_with(address, socket, store, offset, length, prot, &defaults);
}

faultline_region *faultline_map(const char *socket, const char *store, uint64_t offset, size_t length,
                                int prot) {
  return faultline_map_at(NULL, socket, store, offset, length, prot);
}

int faultline_unmap(faultline_region *region) {
  int result = request(region, "close", 0, region->length, "");
  if (result < 0 && errno == EREMOTEIO) return -1;
  int code = errno;
  atomic_store(&region->closing, 1);
  shutdown(region->socket, SHUT_RDWR);
  pthread_join(region->watcher, NULL);
  release(region);
  errno = code;
  return result;
}
