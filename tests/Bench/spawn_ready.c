/*
 * How long programs take from spawn to their first line, and what they hold in memory at that moment.
 *
 *     spawn_ready [-n ROUNDS] [-w WARMUP] COMMAND [ARG...] [-- COMMAND [ARG...]]...
 *
 * Every round runs every command once, in random order, so that whatever else the machine does hits all of them alike.
 * The clock starts before vfork and stops when the first newline has been read from the child's standard output. Then
 * the child's memory is read from /proc, its standard input is closed and it is waited for. Ratios are of medians, to
 * the first command.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_COMMANDS = 16, PATIENCE_MS = 20000 };
enum column { READY_US, RSS_KB, ANON_KB, FAULTS, THREADS, COLUMNS };

struct command {
    char **argv;
    double *samples[COLUMNS];
};

extern char **environ;

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("spawn_ready: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* Reads a whole small file of /proc. */
static void slurp(pid_t pid, const char *name, char *text, size_t size) {
    char path[64];
    size_t length = 0;
    ssize_t got;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die("%s: %s", path, strerror(errno));
    while (length + 1 < size && (got = read(fd, text + length, size - 1 - length)) > 0) length += (size_t)got;
    text[length] = 0;
    close(fd);
}

static double status_field(const char *status, const char *name) {
    const char *found = strstr(status, name);
    return found == NULL ? 0 : strtod(found + strlen(name), NULL);
}

/* The tenth field; the second may contain anything but ends with the last parenthesis. */
static double minor_faults(const char *stat) {
    const char *next = strrchr(stat, ')');
    for (int field = 2; next != NULL && field < 10; field++) next = strchr(next + 1, ' ');
    return next == NULL ? 0 : strtod(next, NULL);
}

static void wait_for(pid_t pid, const char *name) {
    int status;
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd ended = { pidfd, POLLIN, 0 };
    if (pidfd >= 0 && poll(&ended, 1, PATIENCE_MS) == 0) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        die("%s did not end when its input was closed", name);
    }
    if (pidfd >= 0) close(pidfd);
    if (waitpid(pid, &status, 0) < 0) die("waitpid: %s", strerror(errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) die("%s ended with status 0x%x", name, status);
}

static void run(const struct command *command, double *result, int null_fd) {
    int in[2], out[2];
    volatile int failure = 0;
    char buffer[65536], status[8192], stat[2048];
    const char *name = command->argv[0];
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0) die("pipe: %s", strerror(errno));

    double start = now_us();
    pid_t pid = vfork();
    if (pid == 0) {
        if (dup2(in[0], 0) >= 0 && dup2(out[1], 1) >= 0 && dup2(null_fd, 2) >= 0) execve(name, command->argv, environ);
        failure = errno;
        _exit(127);
    }
    if (pid < 0) die("vfork: %s", strerror(errno));
    if (failure != 0) die("%s: %s", name, strerror(failure));
    close(in[0]);
    close(out[1]);

    struct pollfd readable = { out[0], POLLIN, 0 };
    for (;;) {
        if (poll(&readable, 1, PATIENCE_MS) == 0) {
            kill(pid, SIGKILL);
            die("%s did not write a line", name);
        }
        ssize_t got = read(out[0], buffer, sizeof buffer);
        if (got <= 0) die("%s ended before it wrote a line", name);
        if (memchr(buffer, '\n', (size_t)got) != NULL) break;
    }
    result[READY_US] = now_us() - start;

    slurp(pid, "status", status, sizeof status);
    slurp(pid, "stat", stat, sizeof stat);
    result[RSS_KB] = status_field(status, "VmRSS:");
    result[ANON_KB] = status_field(status, "RssAnon:");
    result[THREADS] = status_field(status, "Threads:");
    result[FAULTS] = minor_faults(stat);
    close(in[1]);
    wait_for(pid, name);
    close(out[0]);
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Nearest rank. */
static double percentile(const double *sorted, int count, int percent) {
    int rank = (count * percent + 99) / 100;
    return sorted[rank > 0 ? rank - 1 : 0];
}

static void report(struct command *commands, int count, int rounds) {
    size_t width = strlen("command");
    for (int i = 0; i < count; i++)
        if (strlen(commands[i].argv[0]) > width) width = strlen(commands[i].argv[0]);
    printf("spawn to first line, %d rounds, commands interleaved in random order\n\n", rounds);
    printf("%-*s  %9s  %9s  %9s  %6s  %8s  %9s  %7s  %7s\n", (int)width, "command",
           "min ms", "median ms", "p90 ms", "ratio", "RSS kB", "anon kB", "faults", "threads");
    for (int i = 0; i < count; i++) {
        double medians[COLUMNS], *ready = commands[i].samples[READY_US];
        for (int column = 0; column < COLUMNS; column++) {
            qsort(commands[i].samples[column], (size_t)rounds, sizeof(double), ascending);
            medians[column] = percentile(commands[i].samples[column], rounds, 50);
        }
        printf("%-*s  %9.3f  %9.3f  %9.3f  %6.2f  %8.0f  %9.0f  %7.0f  %7.0f\n", (int)width, commands[i].argv[0],
               ready[0] / 1e3, medians[READY_US] / 1e3, percentile(ready, rounds, 90) / 1e3,
               medians[READY_US] / percentile(commands[0].samples[READY_US], rounds, 50),
               medians[RSS_KB], medians[ANON_KB], medians[FAULTS], medians[THREADS]);
    }
}

static int number(const char *text, int least) {
    char *end;
    long value = strtol(text == NULL ? "" : text, &end, 10);
    if (text == NULL || *text == 0 || *end != 0 || value < least || value > 1000000) die("not a number of rounds: %s", text ? text : "");
    return (int)value;
}

int main(int argc, char **argv) {
    static struct command commands[MAX_COMMANDS];
    int rounds = 200, warmup = 5, count = 0, next = 1;
    uint64_t random = (uint64_t)now_us() | 1;
    for (; next < argc && argv[next][0] == '-'; next += 2) {
        if (strcmp(argv[next], "-n") == 0) rounds = number(argv[next + 1], 1);
        else if (strcmp(argv[next], "-w") == 0) warmup = number(argv[next + 1], 0);
        else die("usage: spawn_ready [-n ROUNDS] [-w WARMUP] COMMAND [ARG...] [-- COMMAND [ARG...]]...");
    }
    while (next < argc) {
        if (count == MAX_COMMANDS) die("at most %d commands", MAX_COMMANDS);
        commands[count++].argv = &argv[next];
        while (next < argc && strcmp(argv[next], "--") != 0) next++;
        if (commands[count - 1].argv == &argv[next]) die("an empty command");
        if (next < argc) argv[next++] = NULL;
    }
    if (count == 0) die("no command");
    for (int i = 0; i < count; i++)
        for (int column = 0; column < COLUMNS; column++)
            if ((commands[i].samples[column] = calloc((size_t)rounds, sizeof(double))) == NULL) die("out of memory");

    int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null_fd < 0) die("/dev/null: %s", strerror(errno));
    for (int round = -warmup; round < rounds; round++) {
        int order[MAX_COMMANDS];
        for (int i = 0; i < count; i++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            int at = (int)(random % (uint64_t)(i + 1));
            order[i] = order[at];
            order[at] = i;
        }
        for (int i = 0; i < count; i++) {
            double result[COLUMNS];
            run(&commands[order[i]], result, null_fd);
            for (int column = 0; round >= 0 && column < COLUMNS; column++) commands[order[i]].samples[column][round] = result[column];
        }
    }
    report(commands, count, rounds);
    return 0;
}
