/*
 * Runs a program with stream sockets as standard input and output, as Node does:
 *   stdio_sockets SOCKET PROGRAM [ARGUMENT...]
 * Connects twice to the listening Unix socket; the first connection becomes fd 0, the second fd 1.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (argc < 3 || strlen(argv[1]) >= sizeof address.sun_path) return 2;
    strcpy(address.sun_path, argv[1]);
    for (int fd = 0; fd <= 1; fd++) {
        int connection = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) < 0) return perror("connect"), 1;
        if (dup2(connection, fd) < 0 || close(connection) < 0) return perror("dup2"), 1;
    }
    execv(argv[2], argv + 2);
    return perror(argv[2]), 127;
}
