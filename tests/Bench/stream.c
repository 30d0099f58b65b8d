/*
 * How many deltas a second programs stream over a pipe to a reader that does nothing else.
 *
 *     stream [-n ROUNDS] FRAME_FILE COUNT COMMAND [ARG...] [-- COMMAND [ARG...]]...
 *
 * FRAME_FILE holds one delta as a frame. Every command writes a first line and then COUNT such deltas, of which it may join
 * several in one frame; that none is missing shows in the number of bytes and frames. The clock starts when the first line
 * has been read and stops with the last byte; the CPU time is the whole process's, its start included. Every round runs
 * every command once, the first of them at random, so that whatever else the machine does hits all of them alike. Figures
 * are medians, ratios are of times, to the first command.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_COMMANDS = 8, PATIENCE_MS = 20000 };
enum figure { TIME_US, CPU_US, FRAMES, FIGURES };

struct command {
    char **argv;
    double *samples[FIGURES];
};

extern char **environ;
static char frame[65536], received[1 << 16];
static long frame_bytes, text_bytes, count;

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("stream: ", stderr);
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

static void read_frame(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL || (frame_bytes = (long)fread(frame, 1, sizeof frame - 1, file)) == 0) die("%s: no frame", path);
    const char *text = strstr(frame, "\"text\":\""), *end = text == NULL ? NULL : strchr(text + 8, '"');
    if (end == NULL || end == text + 8 || strchr(frame, '\n') != frame + frame_bytes - 1) die("%s is not one line with a text", path);
    text_bytes = end - (text + 8);
    fclose(file);
}

static pid_t start(const struct command *command, int *out) {
    int ends[2];
    pid_t pid;
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) < 0) die("pipe: %s", strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    int error = posix_spawn(&pid, command->argv[0], &actions, NULL, command->argv, environ);
    if (error != 0) die("%s: %s", command->argv[0], strerror(error));
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    *out = ends[0];
    return pid;
}

static double microseconds(struct timeval time) {
    return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

static void run(const struct command *command, double *result) {
    const char *name = command->argv[0];
    double begun = 0, ended = 0;
    long lines = 0, bytes = 0;
    int out, status;
    struct rusage usage;
    pid_t pid = start(command, &out);
    for (;;) {
        struct pollfd wait = { out, POLLIN, 0 };
        if (poll(&wait, 1, PATIENCE_MS) <= 0) {
            kill(pid, SIGKILL);
            die("%s writes nothing", name);
        }
        ssize_t got = read(out, received, sizeof received);
        if (got < 0) die("read: %s", strerror(errno));
        if (got == 0) break;
        ended = now_us();
        const char *from = received;
        if (lines == 0) {
            const char *first = memchr(received, '\n', (size_t)got);
            if (first == NULL) continue;
            begun = ended;
            lines = 1;
            from = first + 1;
        }
        bytes += received + got - from;
        for (; (from = memchr(from, '\n', (size_t)(received + got - from))) != NULL; from++) lines++;
    }
    close(out);
    if (wait4(pid, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) die("%s ended with status 0x%x", name, status);
    long frames = lines - 1, text = bytes - frames * (frame_bytes - text_bytes);
    if (text != count * text_bytes) die("%s sent %ld bytes of text instead of %ld", name, text, count * text_bytes);
    result[TIME_US] = ended - begun;
    result[CPU_US] = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
    result[FRAMES] = (double)frames;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *samples, int length) {
    qsort(samples, (size_t)length, sizeof *samples, ascending);
    return samples[length / 2];
}

int main(int argc, char **argv) {
    static struct command commands[MAX_COMMANDS];
    int listed = 1, rounds = 30, at = 1;
    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        rounds = atoi(argv[2]);
        at = 3;
    }
    if (argc < at + 3 || rounds < 1 || (count = atol(argv[at + 1])) < 1)
        die("usage: stream [-n ROUNDS] FRAME_FILE COUNT COMMAND [ARG...] [-- COMMAND [ARG...]]...");
    read_frame(argv[at]);
    commands[0].argv = &argv[at + 2];
    for (int i = at + 2; i < argc; i++) {
        if (strcmp(argv[i], "--") != 0) continue;
        if (listed == MAX_COMMANDS || i + 1 == argc) die("too many commands or an empty one");
        argv[i] = NULL;
        commands[listed++].argv = &argv[i + 1];
    }
    for (int i = 0; i < listed; i++)
        for (int f = 0; f < FIGURES; f++)
            if ((commands[i].samples[f] = calloc((size_t)rounds, sizeof(double))) == NULL) die("out of memory");
    srand(1);
    for (int round = -1; round < rounds; round++)
        for (int i = 0, first = rand() % listed; i < listed; i++) {
            double result[FIGURES];
            struct command *command = &commands[(first + i) % listed];
            run(command, result);
            for (int f = 0; round >= 0 && f < FIGURES; f++) command->samples[f][round] = result[f];
        }
    printf("%d rounds of %ld deltas, %ld bytes each as a frame of its own\n\n", rounds, count, frame_bytes);
    printf("%-12s %14s %7s %17s %7s %12s\n", "command", "deltas/s", "ratio", "CPU us per delta", "ratio", "frames");
    double base[FIGURES] = { 0 };
    for (int i = 0; i < listed; i++) {
        double medians[FIGURES];
        for (int f = 0; f < FIGURES; f++) medians[f] = median(commands[i].samples[f], rounds);
        if (i == 0) memcpy(base, medians, sizeof base);
        printf("%-12s %14.0f %7.2f %17.2f %7.2f %12.0f\n", commands[i].argv[0], (double)count * 1e6 / medians[TIME_US], medians[TIME_US] / base[TIME_US],
               medians[CPU_US] / (double)count, medians[CPU_US] / base[CPU_US], medians[FRAMES]);
    }
    return 0;
}
