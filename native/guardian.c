/* The guardian of one child: our own executable, which never gets as far as the runtime when it is started as this. While the
 * gateway lives it only reaps; when the gateway ends, however that came, it ends the child and everything below it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { control, gateway, first_free }; /* Descriptors that child.c gives us: a socket to the gateway, and its pidfd. */
enum { stop_rounds = 5, child_rounds = 200 };

struct process {
    pid_t pid, parent;
    char state;
};

/* Reads /proc/PID/stat; 0 when there is no such process. */
static int find(pid_t pid, struct process *found) {
    char path[32], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    if (size <= 0) return 0;
    text[size] = 0;
    /* The name in parentheses may hold anything, blanks and parentheses included. */
    char *rest = strrchr(text, ')');
    *found = (struct process){ .pid = pid };
    return rest != NULL && sscanf(rest + 1, " %c %d", &found->state, &found->parent) == 2;
}

/* Whether the process of this number is in the table, whose numbers ascend as those in /proc do. */
static int holds(const struct process *table, size_t count, pid_t pid) {
    size_t from = 0;
    for (size_t to = count; from < to;) {
        size_t middle = from + (to - from) / 2;
        if (table[middle].pid < pid) from = middle + 1;
        else to = middle;
    }
    return from < count && table[from].pid == pid;
}

/* Sends a signal to all descendants that have not ended and, if it is SIGSTOP, are not stopped: each as soon as it is found,
 * before it can start another, and those with lower numbers than their parents at the next call. Returns how many got it. */
static int send_to_all(int signum) {
    static struct process *below;
    static size_t room;
    struct process found;
    size_t count = 0;
    int sent = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        pid_t pid = atoi(entry->d_name);
        if (pid <= 0 || !find(pid, &found) || (found.parent != getpid() && !holds(below, count, found.parent))) continue;
        if (count == room) {
            struct process *larger = realloc(below, (room + 1024) * sizeof *below);
            if (larger == NULL) break;
            below = larger, room += 1024;
        }
        below[count++] = found;
        if (strchr(signum == SIGSTOP ? "ZXTt" : "ZX", found.state) == NULL) sent += kill(pid, signum) == 0;
    }
    if (folder != NULL) closedir(folder);
    return sent;
}

/* Sends SIGKILL to our own children, which orphans become: quick enough for those that live just long enough to start another. */
static void kill_children(void) {
    char text[4096], path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    if (size <= 0) return;
    text[size] = 0;
    for (char *at = text, *end; (size = strtol(at, &end, 10)) > 0 && *end == ' '; at = end + 1) kill((pid_t)size, SIGKILL);
}

/* Ends all descendants. Stopped first: who is stopped starts nothing more. Orphans become our children, so none gets away;
 * what may not be signalled, since it runs as another user, is left. */
static void end_all(void) {
    signal(SIGCHLD, SIG_IGN); /* Nobody has to reap what ends from now on. */
    for (int left = 1; left > 0;) {
        for (int round = 0; round < stop_rounds && send_to_all(SIGSTOP) > 0; round++) { /* Look for more. */ }
        left = send_to_all(SIGKILL);
        for (int round = 0; round < child_rounds && waitpid(-1, NULL, WNOHANG) >= 0; round++) {
            while (waitpid(-1, NULL, WNOHANG) > 0) { /* Reaped. */ }
            kill_children();
        }
    }
}

static void guard(pid_t child) {
    sigset_t ended;
    int over = 0, asked = 0, status;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    struct pollfd watched[] = { { control, POLLIN, 0 }, { gateway, POLLIN, 0 }, { signalfd(-1, &ended, SFD_CLOEXEC), POLLIN, 0 } };
    for (char bytes[sizeof(struct signalfd_siginfo)];;) {
        /* The child itself stays until the gateway asks: its number must not become another's while that may signal it. */
        siginfo_t info = { 0 };
        int reaped = !over && waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
        over |= reaped && info.si_pid == child;
        if (reaped && !over) waitpid(info.si_pid, NULL, 0);
        if (over && asked) {
            waitpid(child, &status, 0);
            if (write(control, &status, sizeof status) < 0) { /* The gateway has just ended. */ }
            return;
        }
        if (poll(watched, sizeof watched / sizeof *watched, reaped ? 0 : -1) < 0) continue;
        if (watched[0].revents & POLLIN) asked |= read(control, bytes, 1) == 1;
        if (watched[2].revents && read(watched[2].fd, bytes, sizeof bytes) < 0) { /* Counted by waitid. */ }
        if (!watched[1].revents && !(watched[0].revents & (POLLHUP | POLLERR))) continue;
        if (!over) end_all();
        return;
    }
}

/* Before everything else that is to be set up, since none of it is needed. */
__attribute__((constructor(101))) static void begin(int argc, char **argv) {
    if (argc != 2 || strcmp(argv[0], "gw-guardian") != 0) return;
    prctl(PR_SET_NAME, "gw-guardian");
    guard(atoi(argv[1]));
    _exit(0);
}
