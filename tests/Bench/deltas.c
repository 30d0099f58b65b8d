/*
 * The least a program can do that streams: a first line, then one write(2) of the same frame for every delta.
 *
 *     deltas FRAME_FILE COUNT          FRAME_FILE holds one line, the gateway's own frame of a delta
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char frame[65536];

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
    int fd = argc == 3 ? open(argv[1], O_RDONLY) : -1;
    ssize_t length = fd < 0 ? -1 : read(fd, frame, sizeof frame);
    if (length <= 0 || put("{}\n", 3) < 0) return 1;
    for (long left = atol(argv[2]); left > 0; left--)
        if (put(frame, (size_t)length) < 0) return 1;
    return 0;
}
