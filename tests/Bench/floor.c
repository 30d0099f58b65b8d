/*
 * The least a program can do that is ready the way the gateway is ready: writes the same bytes, then waits for the end
 * of its input. What it takes from spawn to the first line is the price of a process on this machine.
 *
 *     gcc -O2 -DREADY_LINE='"ready.line"' -o floor floor.c
 */
#include <unistd.h>

#ifndef READY_LINE
#error "define READY_LINE as the name of the file with the gateway's first line"
#endif

/* Part of the program, as it is part of the gateway: opening a file would be work that nobody else does. */
__asm__(".section .rodata\n"
        "ready_line: .incbin " "\"" READY_LINE "\"\n"
        "ready_line_end:\n"
        ".previous\n");

extern const char ready_line[], ready_line_end[];

int main(void) {
    const char *next = ready_line;
    char buffer[4096];
    while (next < ready_line_end) {
        ssize_t written = write(1, next, (size_t)(ready_line_end - next));
        if (written < 0) return 1;
        next += written;
    }
    while (read(0, buffer, sizeof buffer) > 0) { }
    return 0;
}
