/* Stands between a process and its disk (LD_PRELOAD): counts the I/O operations on the files below one folder, makes
 * the n-th of them fail in a chosen way, and records them so that losses of power can be simulated afterwards.
 *
 * Nothing happens until shim_watch() has named the folder. The functions are called through ctypes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { NONE, KILL, TORN, IO_ERROR, NO_SPACE, SHORT };
enum { READS, WRITES, SYNCS, NAMES, REMOVALS };

#define HANDLES 4096
static char folder[4096];
static size_t folder_length;
static char watched[HANDLES];
static long counter, armed_at;
static int armed_mode, log_handle = -1, fired;
static char fired_what[256];
static char kinds[100000];

void shim_watch(const char *path) { snprintf(folder, sizeof folder, "%s", path); folder_length = strlen(folder); }
void shim_arm(long at, int mode) { counter = 0; fired = 0; fired_what[0] = 0; armed_at = at; armed_mode = mode; }
long shim_count(void) { return counter; }
int shim_fired(void) { return fired; }
const char *shim_kinds(void) { kinds[counter] = 0; return kinds; } /* one letter for each operation since shim_arm() */
const char *shim_what(void) { return fired_what; }
void shim_record(int handle) { log_handle = handle; }

#define REAL(name, type, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int inside(const char *path) {
    return folder_length && path && !strncmp(path, folder, folder_length) && (path[folder_length] == '/' || !path[folder_length]);
}
static int is_watched(int handle) { return handle >= 0 && handle < HANDLES && watched[handle]; }

/* --- the record: one letter, handle, number, length of what follows; then the bytes --- */
static void put(char kind, int handle, int64_t number, const void *bytes, uint64_t length) {
    if (log_handle < 0) return;
    unsigned char head[21];
    head[0] = (unsigned char)kind;
    memcpy(head + 1, &handle, 4);
    memcpy(head + 5, &number, 8);
    memcpy(head + 13, &length, 8);
    syscall(SYS_write, log_handle, head, sizeof head);
    const char *at = bytes;
    while (length) {
        long done = syscall(SYS_write, log_handle, at, length);
        if (done <= 0) return;
        at += done;
        length -= (uint64_t)done;
    }
}
static void put_pair(char kind, const char *from, const char *to) {
    char both[8192];
    int length = snprintf(both, sizeof both, "%s\n%s", from, to);
    put(kind, -1, 0, both, (uint64_t)length);
}
void shim_mark(const char *text) { put('A', -1, 0, text, strlen(text)); }

/* --- which operation is due to fail --- */
static void die(void) { syscall(SYS_kill, getpid(), SIGKILL); for (;;) pause(); }

/* Returns the way in which this operation is to fail, or NONE. A full disk stays full; other faults happen once. */
static int due(int kind, const char *name, const char *what) {
    if (counter < (long)sizeof kinds - 1) kinds[counter] = "rwsnu"[kind];
    counter++;
    if (!armed_mode || counter < armed_at) return NONE;
    int allocates = kind == WRITES || kind == NAMES;
    if (armed_mode == NO_SPACE) {
        if (!allocates && !(kind == SYNCS && counter == armed_at)) return NONE;
    } else if (counter > armed_at) {
        return NONE;
    }
    if ((armed_mode == SHORT || armed_mode == TORN) && kind != WRITES && !(armed_mode == SHORT && kind == READS)) return NONE;
    if (!fired) snprintf(fired_what, sizeof fired_what, "%s %s", name, what ? what : "");
    fired = 1;
    if (armed_mode == KILL) die();
    return armed_mode;
}
static int code(int mode) { return mode == NO_SPACE ? ENOSPC : EIO; }

/* --- opening and closing --- */
static int opened(const char *name, const char *path, int flags, mode_t mode, int (*call)(const char *, int, mode_t)) {
    if (!inside(path)) return call(path, flags, mode);
    struct stat found;
    int there = !stat(path, &found);
    int kind = (flags & O_CREAT) && !there ? NAMES : READS;
    int fault = due(kind, name, path);
    if (fault && fault != SHORT) { errno = code(fault); return -1; }
    int handle = call(path, flags, mode);
    if (handle >= 0 && handle < HANDLES) {
        watched[handle] = 1;
        put('O', handle, (there ? 0 : 1) | ((flags & O_TRUNC) && (flags & O_ACCMODE) ? 2 : 0), path, strlen(path));
    }
    return handle;
}
#define OPENING(function, symbol) \
    static int real_##function(const char *path, int flags, mode_t mode) { \
        REAL(symbol, int, const char *, int, ...); return real(path, flags, mode); } \
    int function(const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; va_end(rest); \
        return opened(symbol, path, flags, mode, real_##function); }
OPENING(open, "open")
OPENING(open64, "open64")
#define OPENING_AT(function, symbol) \
    static int real_##function(const char *path, int flags, mode_t mode) { \
        REAL(symbol, int, int, const char *, int, ...); return real(AT_FDCWD, path, flags, mode); } \
    int function(int base, const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; va_end(rest); \
        if (inside(path)) return opened(symbol, path, flags, mode, real_##function); \
        REAL(symbol, int, int, const char *, int, ...); return real(base, path, flags, mode); }
OPENING_AT(openat, "openat")
OPENING_AT(openat64, "openat64")

int close(int handle) {
    REAL("close", int, int);
    if (is_watched(handle)) { watched[handle] = 0; put('C', handle, 0, "", 0); }
    return real(handle);
}

/* --- reading --- */
static ssize_t length_read(const char *name, size_t length, int *failed) {
    int fault = due(READS, name, "");
    *failed = fault && fault != SHORT;
    if (*failed) { errno = code(fault); return -1; }
    return (ssize_t)(fault == SHORT && length > 1 ? length / 2 : length);
}
ssize_t read(int handle, void *into, size_t length) {
    REAL("read", ssize_t, int, void *, size_t);
    if (!is_watched(handle)) return real(handle, into, length);
    int failed; ssize_t allowed = length_read("read", length, &failed);
    return failed ? -1 : real(handle, into, (size_t)allowed);
}
#define READING(function, symbol) \
    ssize_t function(int handle, void *into, size_t length, off_t at) { \
        REAL(symbol, ssize_t, int, void *, size_t, off_t); \
        if (!is_watched(handle)) return real(handle, into, length, at); \
        int failed; ssize_t allowed = length_read(symbol, length, &failed); \
        return failed ? -1 : real(handle, into, (size_t)allowed, at); }
READING(pread, "pread")
READING(pread64, "pread64")

/* --- writing: torn = a part reaches the disk and the process dies; short = the call says so --- */
static size_t part(size_t length) { return length > 512 ? length / 2 / 512 * 512 : length / 2; }

ssize_t write(int handle, const void *from, size_t length) {
    REAL("write", ssize_t, int, const void *, size_t);
    if (!is_watched(handle)) return real(handle, from, length);
    int fault = due(WRITES, "write", "");
    if (fault == IO_ERROR || fault == NO_SPACE) { errno = code(fault); return -1; }
    off_t at = lseek(handle, 0, SEEK_CUR);
    ssize_t done = real(handle, from, fault ? part(length) : length);
    if (fault == TORN) die();
    if (done > 0) put('W', handle, at, from, (uint64_t)done);
    return done;
}
#define WRITING(function, symbol) \
    ssize_t function(int handle, const void *from, size_t length, off_t at) { \
        REAL(symbol, ssize_t, int, const void *, size_t, off_t); \
        if (!is_watched(handle)) return real(handle, from, length, at); \
        int fault = due(WRITES, symbol, ""); \
        if (fault == IO_ERROR || fault == NO_SPACE) { errno = code(fault); return -1; } \
        ssize_t done = real(handle, from, fault ? part(length) : length, at); \
        if (fault == TORN) die(); \
        if (done > 0) put('W', handle, at, from, (uint64_t)done); \
        return done; }
WRITING(pwrite, "pwrite")
WRITING(pwrite64, "pwrite64")

#define TRUNCATING(function, symbol) \
    int function(int handle, off_t length) { \
        REAL(symbol, int, int, off_t); \
        if (is_watched(handle)) { \
            int fault = due(NAMES, symbol, ""); \
            if (fault && fault != SHORT) { errno = code(fault); return -1; } } \
        int done = real(handle, length); \
        if (!done && is_watched(handle)) put('T', handle, length, "", 0); \
        return done; }
TRUNCATING(ftruncate, "ftruncate")
TRUNCATING(ftruncate64, "ftruncate64")

#define SYNCING(function, symbol) \
    int function(int handle) { \
        REAL(symbol, int, int); \
        if (is_watched(handle)) { \
            int fault = due(SYNCS, symbol, ""); \
            if (fault == IO_ERROR || fault == NO_SPACE) { errno = code(fault); return -1; } } \
        int done = real(handle); \
        if (!done && is_watched(handle)) put('F', handle, 0, "", 0); \
        return done; }
SYNCING(fsync, "fsync")
SYNCING(fdatasync, "fdatasync")

/* --- names --- */
static int name_fault(int kind, const char *name, const char *path) {
    int fault = due(kind, name, path);
    if (fault == IO_ERROR || fault == NO_SPACE) { errno = code(fault); return 1; }
    return 0;
}
int unlink(const char *path) {
    REAL("unlink", int, const char *);
    if (inside(path) && name_fault(REMOVALS, "unlink", path)) return -1;
    int done = real(path);
    if (!done && inside(path)) put_pair('U', path, "");
    return done;
}
int rename(const char *from, const char *to) {
    REAL("rename", int, const char *, const char *);
    if (inside(to) && name_fault(NAMES, "rename", to)) return -1;
    int done = real(from, to);
    if (!done && inside(to)) put_pair('R', from, to);
    return done;
}
int link(const char *from, const char *to) {
    REAL("link", int, const char *, const char *);
    if (inside(to) && name_fault(NAMES, "link", to)) return -1;
    int done = real(from, to);
    if (!done && inside(to)) put_pair('L', from, to);
    return done;
}
int mkdir(const char *path, mode_t mode) {
    REAL("mkdir", int, const char *, mode_t);
    if (inside(path) && name_fault(NAMES, "mkdir", path)) return -1;
    int done = real(path, mode);
    if (!done && inside(path)) put_pair('M', path, "");
    return done;
}
