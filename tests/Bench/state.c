/*
 * What a request over stored sessions costs, against the sqlite3 shell running the same query, both warm and over pipes.
 *
 *     state ROUNDS REQUEST SQL GATEWAY SQLITE DATABASE
 *
 * Rounds alternate between the two; figures are medians. Live sessions that a request made are closed between rounds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_ROUNDS = 1000 };

struct peer {
    pid_t pid;
    int in, out;
};

extern char **environ;
static char chunk[1 << 16];

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("state: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static struct peer start(char *const argv[]) {
    struct peer peer;
    int to[2], from[2];
    posix_spawn_file_actions_t actions;
    if (pipe2(to, 02000000) < 0 || pipe2(from, 02000000) < 0) die("pipe: %s", strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    int error = posix_spawn(&peer.pid, argv[0], &actions, NULL, argv, environ);
    if (error != 0) die("%s: %s", argv[0], strerror(error));
    close(to[0]);
    close(from[1]);
    peer.in = to[1];
    peer.out = from[0];
    return peer;
}

static void say(struct peer *peer, const char *text) {
    for (size_t done = 0, length = strlen(text); done < length;) {
        ssize_t wrote = write(peer->in, text + done, length - done);
        if (wrote < 0) die("write: %s", strerror(errno));
        done += (size_t)wrote;
    }
}

/* Reads whole lines until one begins with `mark`; keeps the start of that line. Returns bytes read. */
static size_t hear(struct peer *peer, const char *mark, char *line, size_t keep) {
    size_t total = 0, at = 0, length = strlen(mark);
    while (1) {
        ssize_t got = read(peer->out, chunk, sizeof chunk);
        if (got <= 0) die("no answer: %s", got < 0 ? strerror(errno) : "the program ended");
        total += (size_t)got;
        for (ssize_t i = 0; i < got; i++) {
            if (chunk[i] != '\n') {
                if (at < keep - 1) line[at] = chunk[i];
                at++;
                continue;
            }
            line[at < keep - 1 ? at : keep - 1] = 0;
            at = 0;
            if (strncmp(line, mark, length) == 0) return total;
        }
    }
}

static long status_kb(pid_t pid, const char *name) {
    char path[64], line[256];
    long value = -1;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) die("%s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0) value = strtol(line + strlen(name) + 1, NULL, 10);
    fclose(file);
    return value;
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

int main(int argc, char **argv) {
    if (argc != 7) die("usage: state ROUNDS REQUEST SQL GATEWAY SQLITE DATABASE");
    int rounds = atoi(argv[1]);
    if (rounds < 1 || rounds > MOST_ROUNDS) die("rounds: 1 to %d", MOST_ROUNDS);
    static double ours[MOST_ROUNDS], theirs[MOST_ROUNDS];
    char line[512], request[4096], query[8192];
    snprintf(request, sizeof request, "%s\n", argv[2]);
    snprintf(query, sizeof query, "%s;\n.print END\n", argv[3]);
    struct peer gateway = start((char *const[]){argv[4], NULL});
    struct peer shell = start((char *const[]){argv[5], "-batch", argv[6], NULL});
    hear(&gateway, "{\"jsonrpc\":\"2.0\",\"method\":\"event\"", line, sizeof line);
    long before = status_kb(gateway.pid, "VmRSS:");
    size_t bytes = 0, rows = 0;
    double first = 0;
    for (int round = 0; round < rounds; round++) {
        double from = now_ms();
        say(&gateway, request);
        bytes = hear(&gateway, "{\"jsonrpc\":\"2.0\",\"id\":\"b\"", line, sizeof line);
        ours[round] = now_ms() - from;
        if (round == 0) first = ours[0];
        if (strstr(line, "\"error\"") != NULL) die("the gateway answers %s", line);
        char *live = strstr(line, "\"result\":{\"session_id\":\"");
        if (live != NULL && strstr(argv[2], "resume") != NULL) {
            char close_request[256];
            snprintf(close_request, sizeof close_request, "{\"id\":\"c\",\"method\":\"session.close\",\"params\":{\"session_id\":\"%.8s\"}}\n", live + 24);
            say(&gateway, close_request);
            hear(&gateway, "{\"jsonrpc\":\"2.0\",\"id\":\"c\"", line, sizeof line);
        }
        from = now_ms();
        say(&shell, query);
        rows = hear(&shell, "END", line, sizeof line);
        theirs[round] = now_ms() - from;
    }
    qsort(ours, (size_t)rounds, sizeof *ours, ascending);
    qsort(theirs, (size_t)rounds, sizeof *theirs, ascending);
    printf("  gateway %.2f ms (first %.2f), sqlite3 %.2f ms, ratio %.2f\n", ours[rounds / 2], first, theirs[rounds / 2], ours[rounds / 2] / theirs[rounds / 2]);
    printf("  answer %.1f MB, rows %.1f MB; resident %ld kB before, %ld kB after, %ld kB at most\n", (double)bytes / 1e6, (double)rows / 1e6, before,
        status_kb(gateway.pid, "VmRSS:"), status_kb(gateway.pid, "VmHWM:"));
    close(gateway.in);
    close(shell.in);
    return 0;
}
