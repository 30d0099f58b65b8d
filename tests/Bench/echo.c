/*
 * The least a program can do that answers lines: for every line it reads, one write(2) of a fixed answer.
 *
 *     echo ANSWER_FILE          ANSWER_FILE holds one line, the gateway's own answer to the request that is sent
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char answer[1 << 20], input[1 << 16];

static int put(const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = write(1, bytes, length);
        if (written < 0) return -1;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

int main(int argc, char **argv) {
    int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    ssize_t length = fd < 0 ? -1 : read(fd, answer, sizeof answer), got;
    if (length <= 0 || put("{}\n", 3) < 0) return 1;
    while ((got = read(0, input, sizeof input)) > 0)
        for (char *at = input; (at = memchr(at, '\n', (size_t)(input + got - at))) != NULL; at++)
            if (put(answer, (size_t)length) < 0) return 1;
    return 0;
}
