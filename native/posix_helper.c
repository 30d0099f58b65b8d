/*
 * The only C in the product, linked into the binary:
 *   1. the entry points of Mono.Posix.NETStandard that we call, in place of its shared object;
 *   2. signal slots for its UnixSignal that cannot lose a wake-up; 3. the one way a child process is started.
 * Errno, signal and poll numbers of Mono.Posix equal those of Linux, so conversions are identities.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* 1. Mono.Posix.NETStandard */

int64_t Mono_Posix_Syscall_read(int fd, void *buffer, uint64_t size) { return read(fd, buffer, size); }
int64_t Mono_Posix_Syscall_write(int fd, const void *buffer, uint64_t size) { return write(fd, buffer, size); }
int Mono_Posix_Stdlib_GetLastError(void) { return errno; }
void Mono_Posix_Stdlib_SetLastError(int error) { errno = error; }

/* Asked for when the Stdlib class is first used. */
#define CONSTANT(name) int Mono_Posix_Stdlib_##name(void) { return (int)name; }
#define STREAM(name) void *Mono_Posix_Stdlib_##name(void) { return name; }
CONSTANT(_IOFBF) CONSTANT(_IOLBF) CONSTANT(_IONBF) CONSTANT(BUFSIZ) CONSTANT(EOF) CONSTANT(FILENAME_MAX)
CONSTANT(FOPEN_MAX) CONSTANT(L_tmpnam) CONSTANT(TMP_MAX) CONSTANT(EXIT_FAILURE) CONSTANT(EXIT_SUCCESS)
CONSTANT(MB_CUR_MAX) CONSTANT(RAND_MAX) STREAM(stdin) STREAM(stdout) STREAM(stderr)
STREAM(SIG_DFL) STREAM(SIG_ERR) STREAM(SIG_IGN)
const char *Mono_Unix_VersionString(void) { return "MonoProject-2015-12-1"; }
int Mono_Posix_SIGRTMIN(void) { return SIGRTMIN; }
int Mono_Posix_SIGRTMAX(void) { return SIGRTMAX; }
#define IDENTITY(name, type) int Mono_Posix_##name(type from, type *to) { *to = from; return 0; }
IDENTITY(ToErrno, int) IDENTITY(FromErrno, int) IDENTITY(ToSignum, int) IDENTITY(FromSignum, int)
IDENTITY(FromPollEvents, short) IDENTITY(ToPollEvents, short)

/* A standard descriptor that is closed at start would be given to the first file that is opened, whatever that is. */
__attribute__((constructor)) static void open_standard_descriptors(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) _exit(1);
}

/* 2. Signals: layout of UnixSignal.SignalInfo; one eventfd wakes the one waiter. */

struct slot { int signum, count, read_fd, write_fd, pipecnt, pipelock, have_handler; void *handler; };
static struct slot slots[8];
static int wake_fd = -1;

static void on_signal(int signum) {
    int saved = errno;
    uint64_t one = 1;
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (slots[i].signum == signum) __atomic_add_fetch(&slots[i].count, 1, __ATOMIC_SEQ_CST);
    if (write(wake_fd, &one, sizeof one) < 0) { /* A full eventfd is already a pending wake-up. */ }
    errno = saved;
}

static void ignore_signal(int signum) { (void)signum; }

static int set_handler(int signum, void (*handler)(int)) {
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
    sigfillset(&action.sa_mask);
    return sigaction(signum, &action, NULL);
}

void *Mono_Unix_UnixSignal_install(int signum) {
    size_t i = 0;
    if (wake_fd < 0) wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    while (i < sizeof slots / sizeof *slots && slots[i].signum != 0) i++;
    if (i == sizeof slots / sizeof *slots) return errno = ENOMEM, NULL;
    slots[i].signum = signum;
    return set_handler(signum, on_signal) == 0 ? &slots[i] : NULL;
}

int Mono_Unix_UnixSignal_uninstall(void *info) {
    struct slot *slot = info;
    int result = set_handler(slot->signum, SIG_DFL);
    memset(slot, 0, sizeof *slot);
    return result;
}

/* Counts are looked at before every wait, so a signal that came between two waits is returned at once. */
int Mono_Unix_UnixSignal_WaitAny(void **infos, int count, int timeout_ms, int (*shutting_down)(void)) {
    for (;;) {
        uint64_t drained;
        struct pollfd wake = { wake_fd, POLLIN, 0 };
        for (int i = 0; i < count; i++)
            if (__atomic_load_n(&((struct slot *)infos[i])->count, __ATOMIC_SEQ_CST) > 0) return i;
        if (shutting_down != NULL && shutting_down()) return timeout_ms;
        int ready = poll(&wake, 1, timeout_ms);
        if (ready == 0) return timeout_ms;
        if (ready < 0 && errno != EINTR) return -1;
        if (read(wake_fd, &drained, sizeof drained) < 0) { /* EAGAIN: woken by a signal that is counted already. */ }
    }
}

/* SIGINT and SIGPIPE do nothing here, yet are default in children: handlers, unlike SIG_IGN, do not survive execve. */
int gw_ignore_interrupts(void) { return set_handler(SIGINT, ignore_signal) | set_handler(SIGPIPE, ignore_signal); }

/*
 * 3. Children. Starts path with its own session and process group, default signal dispositions, the three given
 * descriptors as 0, 1 and 2, nothing else inherited, and SIGKILL when the calling thread ends. Returns the process id
 * and stores a pidfd, or returns -errno.
 */
int gw_spawn(const char *path, char *const argv[], char *const envp[], const char *directory,
             int in_fd, int out_fd, int err_fd, int *pidfd) {
    sigset_t all, before;
    volatile int failure = 0;
    pid_t parent = getpid();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0) {
        struct sigaction fallback = { .sa_handler = SIG_DFL };
        for (int signum = 1; signum < NSIG; signum++) sigaction(signum, &fallback, NULL);
        if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent) goto failed;
        if (directory != NULL && chdir(directory) < 0) goto failed;
        if (dup2(in_fd, 0) < 0 || dup2(out_fd, 1) < 0 || dup2(err_fd, 2) < 0) goto failed;
        syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
        sigemptyset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        execve(path, argv, envp);
    failed:
        failure = errno != 0 ? errno : ESRCH;
        _exit(127);
    }
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pid < 0) return -error;
    if (failure == 0 && (*pidfd = (int)syscall(SYS_pidfd_open, pid, 0)) >= 0) return pid;
    if (failure == 0) failure = errno; /* No pidfd to be had: a child that cannot be watched must not live. */
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return -failure;
}

/* Waits for one child. Returns its exit status, or minus the number of the signal that ended it; INT32_MIN on error. */
int gw_reap(int pid) {
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return INT32_MIN;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}
int Mono_Posix_Syscall_fcntl(int fd, int command) { return fcntl(fd, command); }
int Mono_Posix_Syscall_fcntl_arg_int(int fd, int command, int argument) { return fcntl(fd, command, argument); }
int64_t Mono_Posix_Syscall_send(int fd, const void *buffer, uint64_t size, int flags) { return send(fd, buffer, size, flags); }
IDENTITY(FromMessageFlags, int)
