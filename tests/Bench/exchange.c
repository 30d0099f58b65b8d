/*
 * What a request costs over pipes: one at a time (round trip), and many on the way (pipelined).
 *
 *     exchange [-n ROUNDS] REQUEST_FILE COMMAND [ARG...] [-- COMMAND [ARG...]]...
 *
 * All commands run for the whole time; every round gives each a block of requests in random order, so that whatever else
 * the machine does hits all of them alike. Figures are medians of blocks, ratios are to the first command.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_COMMANDS = 8, TRIPS = 500, PIPELINED = 20000, WINDOW = 64, PATIENCE_MS = 20000 };
enum figure { TRIP_US, FLOW_US, FIGURES };

struct command {
    char **argv;
    pid_t pid;
    int in, out;
    double *samples[FIGURES];
};

extern char **environ;
static char request[65536], received[1 << 18];
static size_t request_length;

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("exchange: ", stderr);
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

static void start(struct command *command) {
    int to[2], from[2];
    posix_spawn_file_actions_t actions;
    if (pipe2(to, 02000000) < 0 || pipe2(from, 02000000) < 0) die("pipe: %s", strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0);
    int error = posix_spawn(&command->pid, command->argv[0], &actions, NULL, command->argv, environ);
    if (error != 0) die("%s: %s", command->argv[0], strerror(error));
    close(to[0]);
    close(from[1]);
    command->in = to[1];
    command->out = from[0];
}

/* Takes what has come, at least one byte; returns how many lines ended in it. */
static int take(const struct command *command) {
    struct pollfd wait = { command->out, POLLIN, 0 };
    if (poll(&wait, 1, PATIENCE_MS) <= 0) die("%s does not answer", command->argv[0]);
    ssize_t got = read(command->out, received, sizeof received);
    if (got <= 0) die("%s ended", command->argv[0]);
    int lines = 0;
    for (char *at = received; (at = memchr(at, '\n', (size_t)(received + got - at))) != NULL; at++) lines++;
    return lines;
}

static void put(const struct command *command, int times) {
    static char block[WINDOW * sizeof request];
    for (int i = 0; i < times; i++) memcpy(block + (size_t)i * request_length, request, request_length);
    size_t length = (size_t)times * request_length;
    for (size_t at = 0; at < length;) {
        ssize_t written = write(command->in, block + at, length - at);
        if (written < 0) die("%s does not read: %s", command->argv[0], strerror(errno));
        at += (size_t)written;
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *samples, int count) {
    qsort(samples, (size_t)count, sizeof *samples, ascending);
    return samples[count / 2];
}

static double trips(const struct command *command) {
    static double samples[TRIPS];
    for (int i = 0; i < TRIPS; i++) {
        double before = now_us();
        put(command, 1);
        while (take(command) == 0) { }
        samples[i] = now_us() - before;
    }
    return median(samples, TRIPS);
}

static double flow(const struct command *command) {
    double before = now_us();
    int sent = 0, answered = 0;
    while (answered < PIPELINED) {
        int room = WINDOW - (sent - answered), left = PIPELINED - sent;
        if (room > left) room = left;
        if (room >= WINDOW / 2 || (room > 0 && sent == answered)) {
            put(command, room);
            sent += room;
        }
        answered += take(command);
    }
    return (now_us() - before) / PIPELINED;
}

int main(int argc, char **argv) {
    struct command commands[MAX_COMMANDS] = { 0 };
    int count = 1, rounds = 30, at = 1;
    if (argc > 2 && strcmp(argv[1], "-n") == 0) {
        rounds = atoi(argv[2]);
        at = 3;
    }
    if (rounds < 1 || argc < at + 2) die("usage: exchange [-n ROUNDS] REQUEST_FILE COMMAND [ARG...] [-- COMMAND [ARG...]]...");
    FILE *file = fopen(argv[at], "r");
    if (file == NULL || (request_length = fread(request, 1, sizeof request, file)) == 0) die("%s: no request", argv[at]);
    commands[0].argv = &argv[at + 1];
    for (int i = at + 1; i < argc; i++) {
        if (strcmp(argv[i], "--") != 0) continue;
        if (count == MAX_COMMANDS || i + 1 == argc) die("too many commands or an empty one");
        argv[i] = NULL;
        commands[count++].argv = &argv[i + 1];
    }
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < count; i++) {
        for (int f = 0; f < FIGURES; f++) commands[i].samples[f] = calloc((size_t)rounds, sizeof(double));
        start(&commands[i]);
        while (take(&commands[i]) == 0) { }
        trips(&commands[i]);
    }
    srand(1);
    for (int round = 0; round < rounds; round++)
        for (int i = 0, first = rand() % count; i < count; i++) {
            struct command *command = &commands[(first + i) % count];
            command->samples[TRIP_US][round] = trips(command);
            command->samples[FLOW_US][round] = flow(command);
        }
    printf("%d rounds of %d round trips and %d pipelined requests (%d on the way)\n\n", rounds, TRIPS, PIPELINED, WINDOW);
    printf("%-12s %14s %7s %18s %7s\n", "command", "round trip us", "ratio", "requests/s piped", "ratio");
    double base[FIGURES] = { 0 };
    for (int i = 0; i < count; i++) {
        double trip = median(commands[i].samples[TRIP_US], rounds), each = median(commands[i].samples[FLOW_US], rounds);
        if (i == 0) base[TRIP_US] = trip, base[FLOW_US] = each;
        printf("%-12s %14.1f %7.2f %18.0f %7.2f\n", commands[i].argv[0], trip, trip / base[TRIP_US], 1e6 / each, each / base[FLOW_US]);
        close(commands[i].in);
        close(commands[i].out);
        waitpid(commands[i].pid, NULL, 0);
    }
    return 0;
}
