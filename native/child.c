/* The one way a child process is started: between the gateway and the child is a guardian (guardian.c), which outlives the
 * gateway by as long as it takes to end everything that the child started. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The guardian is our own executable, which is no new file to install. Tests, whose executable is the runtime's, have another. */
#ifndef GUARDIAN_PROGRAM
#define GUARDIAN_PROGRAM "/proc/self/exe"
#endif

struct start {
    const char *path;
    char *const *argv, *const *envp;
    const char *directory;
    int fds[3];                 /* Become 0, 1 and 2 of the child. */
    int ruleset;                /* A Landlock ruleset that confines it; -1 for none. */
    int offline;                /* Whether it may make no socket but those of the machine (Unix domain). */
    int pid, guardian, control; /* Results; control is ours to talk to the guardian. */
};

static void close_on_exec_from(unsigned first) { syscall(SYS_close_range, first, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */); }

/* Refuses sockets that lead out of the machine, also those made through io_uring or the calls of another architecture. */
static int go_offline(void) {
#ifdef __x86_64__
    enum { architecture = AUDIT_ARCH_X86_64, foreign = 0x40000000 /* Calls of the x32 ABI. */ };
#else
    enum { architecture = AUDIT_ARCH_AARCH64, foreign = 0x7fffffff };
#endif
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, foreign, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &(struct sock_fprog){ sizeof code / sizeof *code, code }) == 0;
}

/* The rest of the child's life up to its program. Returns only when something failed. */
static int run_child(const struct start *start, pid_t guardian) {
    sigset_t none;
    sigemptyset(&none);
    int ready = setsid() >= 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == guardian && chdir(start->directory) == 0;
    for (int fd = 0; ready && fd < 3; fd++) ready = dup2(start->fds[fd], fd) >= 0;
    if (ready && (start->ruleset >= 0 || start->offline)) ready = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    if (ready && start->ruleset >= 0) ready = syscall(446 /* landlock_restrict_self */, start->ruleset, 0) == 0;
    if (ready && start->offline) ready = go_offline();
    close_on_exec_from(3);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (ready) execve(start->path, start->argv, start->envp);
    return errno != 0 ? errno : ESRCH;
}

/* The guardian up to its program, with the memory of the gateway, whose thread waits meanwhile: starts the child, then becomes
 * a program of its own, so that it shares neither memory nor secrets. Returns only when something failed: errno of the child,
 * or minus errno of its own. */
static int run_guardian(struct start *start, pid_t gateway, int control) {
    static char library_path[4096];
    volatile int failure = 0;
    char child[16];
    const char *libraries = getenv("LD_LIBRARY_PATH");
    /* A session of its own: what is sent to the gateway's process group is not for the guardian. */
    int watched = setsid() < 0 ? -1 : (int)syscall(SYS_pidfd_open, gateway, 0);
    if (watched < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) return -errno;
    if (getppid() != gateway) return -ESRCH;
    if (access(GUARDIAN_PROGRAM, X_OK) < 0) return -errno;
    for (int signum = 1; signum < NSIG; signum++) signal(signum, SIG_DFL);
    pid_t self = getpid(), pid = vfork();
    if (pid == 0) {
        failure = run_child(start, self);
        _exit(127);
    }
    if (pid < 0) return -errno;
    start->pid = pid;
    if (failure == 0) {
        snprintf(child, sizeof child, "%d", pid);
        if (libraries != NULL) snprintf(library_path, sizeof library_path, "LD_LIBRARY_PATH=%s", libraries);
        int ready = dup2(control, 0) == 0 && dup2(watched, 1) == 1 && chdir("/") == 0;
        close_on_exec_from(2);
        if (ready) execve(GUARDIAN_PROGRAM, (char *[]){ "gw-guardian", child, NULL }, (char *[]){ library_path[0] ? library_path : NULL, NULL });
        failure = -errno;
        kill(pid, SIGKILL);
    }
    waitpid(pid, NULL, 0);
    return failure;
}

/* Starts a program in a session of its own, with default signal dispositions, the given descriptors as 0, 1 and 2, nothing else
 * inherited, and SIGKILL when its guardian ends. Returns 0, errno, or minus errno when it was not the program that failed. */
int gw_spawn(struct start *start) {
    sigset_t all, before;
    int ends[2];
    volatile int failure = 0;
    pid_t self = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -errno;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t guardian = vfork();
    if (guardian == 0) {
        failure = run_guardian(start, self, ends[1]);
        _exit(127);
    }
    if (guardian < 0) failure = -errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    start->guardian = guardian, start->control = ends[0];
    if (failure == 0) return 0;
    if (guardian > 0) waitpid(guardian, NULL, 0);
    close(ends[0]);
    return failure;
}
