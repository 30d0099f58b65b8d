/* Linked into the binary: the entry points of Mono.Posix.NETStandard that we call, in place of its shared object; signals and
 * endings that need nothing of the runtime.
 * Numbers of Mono.Posix are those of Linux as far as we use them, so that conversions are identities. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

int64_t Mono_Posix_Syscall_read(int fd, void *data, uint64_t size) { return read(fd, data, size); }
int64_t Mono_Posix_Syscall_write(int fd, const void *data, uint64_t size) { return write(fd, data, size); }
int64_t Mono_Posix_Syscall_send(int fd, const void *data, uint64_t size, int flags) { return send(fd, data, size, flags); }
int Mono_Posix_Syscall_fcntl_arg(int fd, int command, int64_t argument) { return fcntl(fd, command, argument); }
#define IDENTITY(name, type) int Mono_Posix_##name(type from, type *to) { *to = from; return 0; }
IDENTITY(FromSignum, int) IDENTITY(FromMessageFlags, int) IDENTITY(FromPollEvents, short) IDENTITY(ToPollEvents, short)

struct slot { int signum; _Atomic int count, total; }; /* The first two are those of UnixSignal.SignalInfo. */
static struct slot slots[NSIG];
static _Atomic int armed;
static int wake_fd, parent, exit_code, grace_ms = 1000;
static const char *log_folder = "", *log_path = "";

/* UnixSignal finds handlers that are there from the start, and leaves them there. */
void *Mono_Unix_UnixSignal_install(int signum) { return &slots[signum]; }
int Mono_Unix_UnixSignal_uninstall(void *slot) { return slot == NULL; }

/* Counts are looked at before every wait, so a signal that came between two waits is returned at once. Never times out. */
int Mono_Unix_UnixSignal_WaitAny(struct slot **awaited, int count) {
    for (uint64_t wakes;;) {
        for (int i = 0; i < count; i++)
            if (awaited[i]->count > 0) return i;
        if (read(wake_fd, &wakes, sizeof wakes) < 0 && errno != EINTR) return -1;
    }
}

/* Grace time, exit status after a signal, and the crash log; its paths must stay where they are. */
void gw_configure_ending(int grace, int code, const char *folder, const char *path) {
    grace_ms = grace, exit_code = code, log_folder = folder, log_path = path;
}

/* A line on standard error, unless that would wait, and an entry in the log; times are seconds since 1970. */
static void leave_trace(const char *tag, const char *reason) {
    char text[256], *end = stpcpy(stpcpy(stpcpy(text, tag), reason), "\n");
    struct pollfd error = { 2, POLLOUT, 0 };
    if (poll(&error, 1, 0) > 0 && write(2, text, end - text) < 0) { /* Nobody reads it. */ }
    int log = (mkdir(log_folder, 0700), open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0600));
    end = stpcpy(text, "\n=== gateway exit · @");
    for (long now = time(NULL), unit = 1000000000; unit > 0; unit /= 10) *end++ = (char)('0' + now / unit % 10);
    end = stpcpy(stpcpy(stpcpy(end, " · reason="), reason), " ===\n");
    if (write(log, text, end - text) < 0) { /* There is no log, or no room in it. */ }
}

/* Ends the process with this status when the grace time is over. Only the first call counts. */
void gw_arm_deadline(int code) {
    if (armed++ > 0) return;
    exit_code = code;
    setitimer(ITIMER_REAL, &(struct itimerval){ .it_value = { grace_ms / 1000, grace_ms % 1000 * 1000 } }, NULL);
}

/* SIGUSR1 is the kernel's word that the thread that started us ended; it matters when that thread's process did. */
static void on_signal(int signum) {
    int saved = errno, ends = signum == SIGTERM || signum == SIGHUP || (signum == SIGUSR1 && getppid() != parent);
    if (signum == SIGALRM && armed) leave_trace("[gateway-exit] ", "the grace time is over"), _exit(exit_code);
    if (ends && slots[signum].total++ > 0) leave_trace("[gateway-exit] ", "told twice to end"), _exit(exit_code);
    if (ends) gw_arm_deadline(exit_code);
    if (ends || signum == SIGINT) slots[signum].count++;
    if (write(wake_fd, &(uint64_t){ 1 }, sizeof(uint64_t)) < 0) { /* Woken 2^64 times already. */ }
    errno = saved;
}

/* What the runtime does not make an exception of. Ends with a status: clients start a gateway again that ended with one. */
static void on_fault(int signum) {
    char name[32] = "SIG";
    signal(signum, SIG_DFL);
    leave_trace("[gateway-crash] ", strcat(name, sigabbrev_np(signum)));
    _exit(1);
}

__attribute__((constructor)) static void prepare_process(void) {
    enum { flags = SA_RESTART | SA_ONSTACK };
    static char signal_stack[32 * 1024];
    static const struct { int signum; void (*handler)(int); } handlers[] = {
        { SIGTERM, on_signal }, { SIGHUP, on_signal }, { SIGINT, on_signal }, { SIGUSR1, on_signal },
        { SIGALRM, on_signal }, { SIGSEGV, on_fault }, { SIGBUS, on_fault }, { SIGABRT, on_fault },
        { SIGILL, on_fault }, { SIGFPE, on_fault }, { SIGPIPE, SIG_IGN }, { SIGXFSZ, SIG_IGN } };
    /* A standard descriptor that is closed would be given to the first file that is opened, whatever that is. */
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) _exit(1);
    wake_fd = eventfd(0, EFD_CLOEXEC);
    parent = getppid(), prctl(PR_SET_DUMPABLE, 0); /* Our memory, environment and descriptors are for nobody else's debugger. */
    sigaltstack(&(stack_t){ .ss_sp = signal_stack, .ss_size = sizeof signal_stack }, NULL);
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
        sigaction(handlers[i].signum, &(struct sigaction){ .sa_handler = handlers[i].handler, .sa_flags = flags }, NULL);
}

/* Every thread gets a stack for its handlers, without which an overflow of its own would end us without a word. */
struct start { void *(*run)(void *); void *argument; };
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);

static void *run_thread(void *argument) {
    char signal_stack[32 * 1024];
    struct start start = *(struct start *)argument;
    free(argument);
    sigaltstack(&(stack_t){ .ss_sp = signal_stack, .ss_size = sizeof signal_stack }, NULL);
    return start.run(start.argument);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
    struct start *start = malloc(sizeof *start);
    if (start != NULL) *start = (struct start){ run, argument };
    return start == NULL ? EAGAIN : __real_pthread_create(thread, attributes, run_thread, start);
}
