/*
 * Faults for the published binary, from outside: an LD_PRELOAD library that makes chosen calls fail, hang or crash.
 *
 * FAULTS names a directory. A file in it switches a fault on, also in mid-run; its content says how:
 *   stdout   "ERRNO"         writes to what fd 1 was at start fail with this error number
 *   stdin    "ERRNO COUNT"   so many reads from what fd 0 was at start fail; 0 is a read of zero bytes; COUNT -1: all
 *   files    "ERRNO PREFIX"  writes to, and openings for writing of, regular files below PREFIX fail
 *   gc                       a garbage collection never gets past stopping the threads; writes gc.reached
 *   exit                     a handler that exit(3) runs never returns; writes exit.reached
 * Independent of files, looking at a path with one of these names in it does this on the thread that looks:
 *   fault-null fault-abort fault-overflow fault-spin fault-block
 * of which the last two write spin.reached and block.reached, one byte for every thread.
 *
 * The descriptors are known by what they refer to, so copies count too. Only the gateway itself is hurt, not its children.
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *directory; /* NULL: do nothing. */
static struct stat input, output;
static int reads_failed;

/* Straight to the kernel: the C library's functions are replaced below. */
typedef long (*kernel_call)(long number, ...);

static kernel_call next_syscall(void) {
    static kernel_call found;
    if (found == NULL) found = (kernel_call)dlsym(RTLD_NEXT, "syscall");
    return found;
}

#define kernel(...) next_syscall()(__VA_ARGS__)

static int is_gateway(void) {
    char path[4096];
    long length = kernel(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    const char *name = strrchr(path, '/');
    return name != NULL && strcmp(name, "/tui-gateway") == 0;
}

__attribute__((constructor)) static void load(void) {
    if (!is_gateway() || fstat(0, &input) < 0 || fstat(1, &output) < 0) return;
    directory = getenv("FAULTS");
}

/* Reads a switch into text; 0 when it is off. */
static int on(const char *name, char *text, size_t size) {
    char path[4096];
    if (directory == NULL) return 0;
    int before = errno;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    long file = kernel(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        long length = kernel(SYS_read, file, text, size - 1);
        text[length < 0 ? 0 : length] = 0;
        kernel(SYS_close, file);
    }
    errno = before;
    return file >= 0;
}

static void reached(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.reached", directory, name);
    long file = kernel(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    kernel(SYS_write, file, "x", 1L);
    kernel(SYS_close, file);
}

static void wait_for_ever(void) {
    for (;;) pause();
}

static int same(int fd, const struct stat *other) {
    struct stat own;
    int before = errno;
    int equal = directory != NULL && fstat(fd, &own) == 0 && own.st_dev == other->st_dev && own.st_ino == other->st_ino;
    errno = before;
    return equal;
}

/* Standard output and files. */

static int file_fails(const char *path, int already_open) {
    char text[4096], prefix[4096], target[4096], link[64];
    int error;
    if (!on("files", text, sizeof text) || sscanf(text, "%d %4095s", &error, prefix) != 2) return 0;
    if (path == NULL) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", already_open);
        long length = kernel(SYS_readlinkat, AT_FDCWD, link, target, sizeof target - 1);
        if (length < 0) return 0;
        target[length] = 0;
        path = target;
    }
    if (strncmp(path, prefix, strlen(prefix)) != 0) return 0;
    return errno = error, 1;
}

static int write_fails(int fd) {
    char text[64];
    if (directory == NULL) return 0;
    if (same(fd, &output) && on("stdout", text, sizeof text)) return errno = atoi(text), 1;
    return file_fails(NULL, fd);
}

ssize_t write(int fd, const void *data, size_t size) {
    return write_fails(fd) ? -1 : kernel(SYS_write, fd, data, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    return write_fails(fd) ? -1 : kernel(SYS_writev, fd, parts, count);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
    return write_fails(fd) ? -1 : kernel(SYS_pwrite64, fd, data, size, offset);
}

ssize_t send(int fd, const void *data, size_t size, int flags) {
    return write_fails(fd) ? -1 : kernel(SYS_sendto, fd, data, size, flags, NULL, 0L);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    return write_fails(fd) ? -1 : kernel(SYS_sendmsg, fd, message, flags);
}

int fsync(int fd) { return write_fails(fd) ? -1 : (int)kernel(SYS_fsync, fd); }

/* Standard input. */

static int read_fails(int fd, ssize_t *result) {
    char text[64];
    int error, count;
    if (!same(fd, &input) || !on("stdin", text, sizeof text) || sscanf(text, "%d %d", &error, &count) != 2) return 0;
    if (__atomic_fetch_add(&reads_failed, 1, __ATOMIC_SEQ_CST) >= count && count >= 0) return 0;
    *result = error == 0 ? 0 : -1;
    if (error != 0) errno = error;
    return 1;
}

ssize_t read(int fd, void *buffer, size_t size) {
    ssize_t result;
    return read_fails(fd, &result) ? result : kernel(SYS_read, fd, buffer, size);
}

ssize_t recv(int fd, void *buffer, size_t size, int flags) {
    ssize_t result;
    return read_fails(fd, &result) ? result : kernel(SYS_recvfrom, fd, buffer, size, flags, NULL, NULL);
}

/* The end and the garbage collector, which makes the processors see that threads are to stop. */

__attribute__((destructor)) static void unload(void) {
    char text[8];
    if (!on("exit", text, sizeof text)) return;
    reached("exit");
    wait_for_ever();
}

long syscall(long number, ...) {
    char text[8];
    long word[6];
    va_list words;
    va_start(words, number);
    for (int i = 0; i < 6; i++) word[i] = va_arg(words, long);
    va_end(words);
    if (number == SYS_membarrier && word[0] == MEMBARRIER_CMD_PRIVATE_EXPEDITED && on("gc", text, sizeof text)) {
        reached("gc");
        wait_for_ever();
    }
    return kernel(number, word[0], word[1], word[2], word[3], word[4], word[5]);
}

/* Paths. */

static void overflow(void) {
    for (;;) *(volatile char *)alloca(4096) = 0;
}

static void look_at(const char *path) {
    if (directory == NULL || path == NULL || strstr(path, "fault-") == NULL) return;
    if (strstr(path, "fault-null") != NULL) *(volatile int *)NULL = 0;
    if (strstr(path, "fault-abort") != NULL) abort();
    if (strstr(path, "fault-overflow") != NULL) overflow();
    if (strstr(path, "fault-block") != NULL) {
        reached("block");
        wait_for_ever();
    }
    if (strstr(path, "fault-spin") != NULL) {
        reached("spin");
        for (volatile int i = 0;; i++) { /* Spins. */ }
    }
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

DIR *opendir(const char *path) {
    look_at(path);
    return NEXT(opendir)(path);
}

int stat64(const char *path, struct stat64 *result) {
    look_at(path);
    return NEXT(stat64)(path, result);
}

int lstat64(const char *path, struct stat64 *result) {
    look_at(path);
    return NEXT(lstat64)(path, result);
}

static int open_or_fail(const char *path, int flags, int mode) {
    look_at(path);
    if (directory != NULL && (flags & O_ACCMODE) != O_RDONLY && file_fails(path, -1)) return -1;
    return (int)kernel(SYS_openat, AT_FDCWD, path, flags, mode);
}

static int mode_of(int flags, va_list more) { return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, int) : 0; }

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    int mode = mode_of(flags, more);
    va_end(more);
    return open_or_fail(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    int mode = mode_of(flags, more);
    va_end(more);
    return open_or_fail(path, flags, mode);
}
