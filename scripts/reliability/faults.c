/* Stands between a process and the C library: counts the calls that change a file under a folder,
 * lets one of them (or all from there on) fail, and writes down what each of them did.
 *
 *     cc -shared -fPIC -O1 -o faults.so faults.c -ldl     (scripts/reliability/faults.py does it)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[PATH_MAX];
static int journal = -1, code;
static long count, fail_at;
static int for_good;

/* `at` 0: no call fails. `errors` is the errno; `good`: all later ones fail as well. */
void faults_arm(const char *folder, int to, long at, int errors, int good) {
    snprintf(root, sizeof root, "%s", folder ? folder : "");
    journal = to, count = 0, fail_at = at, code = errors, for_good = good;
}

long faults_seen(void) { return count; }

static int under(const char *path) {
    size_t length = strlen(root);
    return length && !strncmp(path, root, length) && (path[length] == '/' || !path[length]);
}

static int of_descriptor(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, PATH_MAX - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return under(path);
}

static int of_name(int folder, const char *name, char *path) {
    char base[PATH_MAX] = "";
    if (!root[0] || !name) return 0;
    if (name[0] == '/') snprintf(path, PATH_MAX, "%s", name);
    else {
        if (folder == AT_FDCWD) { if (!getcwd(base, sizeof base)) return 0; }
        else {
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
            ssize_t size = readlink(link, base, sizeof base - 1);
            if (size < 0) return 0;
            base[size] = 0;
        }
        if (snprintf(path, PATH_MAX, "%s/%s", base, name) >= PATH_MAX) return 0;
    }
    return under(path);
}

/* Whether the call that is to come fails. */
static int fails(void) {
    count++;
    if (fail_at && (count == fail_at || (for_good && count > fail_at))) { errno = code; return 1; }
    return 0;
}

static void raw(const void *data, size_t size) {
    const char *from = data;
    while (size) {
        long done = syscall(SYS_write, journal, from, size);
        if (done <= 0) abort();
        from += done, size -= done;
    }
}

/* One line, and the bytes that were written, if any. */
static void note(char kind, long long a, long long b, const char *path, const char *to) {
    if (journal < 0) return;
    char line[2 * PATH_MAX + 64];
    int size = snprintf(line, sizeof line, "%c\t%lld\t%lld\t%s\t%s\n", kind, a, b, path, to);
    raw(line, size);
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int opened(const char *which, int at, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    struct stat status;
    REAL(int, "openat64", int, const char *, int, ...);
    int makes = (flags & O_CREAT) && of_name(at, name, path) && lstat(path, &status);
    int cuts = (flags & O_TRUNC) && !makes && of_name(at, name, path);
    (void)which;
    if ((makes || cuts) && fails()) return -1;
    int fd = real(at, name, flags, mode);
    if (fd >= 0 && makes) note('O', 0, 0, path, "");
    if (fd >= 0 && cuts) note('T', 0, 0, path, "");
    return fd;
}

#define MODE mode_t mode = 0; \
    if (flags & (O_CREAT | __O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *name, int flags, ...) { MODE return opened("open", AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE return opened("open", AT_FDCWD, name, flags, mode); }
int openat(int at, const char *name, int flags, ...) { MODE return opened("openat", at, name, flags, mode); }
int openat64(int at, const char *name, int flags, ...) { MODE return opened("openat", at, name, flags, mode); }

static long long place(int fd) {
    struct stat status;
    if ((fcntl(fd, F_GETFL) & O_APPEND) && !fstat(fd, &status)) return status.st_size;
    return lseek(fd, 0, SEEK_CUR);
}

/* A write that is on disk when it returns has a kind of its own. */
static char kind(int fd) { return fcntl(fd, F_GETFL) & O_DSYNC ? 'Y' : 'W'; }

ssize_t write(int fd, const void *data, size_t size) {
    char path[PATH_MAX];
    REAL(ssize_t, "write", int, const void *, size_t);
    if (!root[0] || !of_descriptor(fd, path)) return real(fd, data, size);
    if (fails()) return -1;
    long long start = place(fd);
    ssize_t done = real(fd, data, size);
    if (done > 0 && journal >= 0) { note(kind(fd), start, done, path, ""); raw(data, done); }
    return done;
}

static ssize_t put(int fd, const void *data, size_t size, off64_t start) {
    char path[PATH_MAX];
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    if (!root[0] || !of_descriptor(fd, path)) return real(fd, data, size, start);
    if (fails()) return -1;
    ssize_t done = real(fd, data, size, start);
    if (done > 0 && journal >= 0) { note(kind(fd), start, done, path, ""); raw(data, done); }
    return done;
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t start) { return put(fd, data, size, start); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t start) { return put(fd, data, size, start); }

static void note_many(int fd, const struct iovec *parts, int number, long long start, ssize_t done,
                      const char *path) {
    if (done <= 0 || journal < 0) return;
    note(kind(fd), start, done, path, "");
    for (int at = 0; at < number && done > 0; at++) {
        size_t size = parts[at].iov_len < (size_t)done ? parts[at].iov_len : (size_t)done;
        raw(parts[at].iov_base, size);
        done -= size;
    }
}

ssize_t writev(int fd, const struct iovec *parts, int number) {
    char path[PATH_MAX];
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    if (!root[0] || !of_descriptor(fd, path)) return real(fd, parts, number);
    if (fails()) return -1;
    long long start = place(fd);
    ssize_t done = real(fd, parts, number);
    note_many(fd, parts, number, start, done, path);
    return done;
}

static ssize_t put_many(int fd, const struct iovec *parts, int number, off64_t start) {
    char path[PATH_MAX];
    REAL(ssize_t, "pwritev64", int, const struct iovec *, int, off64_t);
    if (!root[0] || !of_descriptor(fd, path)) return real(fd, parts, number, start);
    if (fails()) return -1;
    ssize_t done = real(fd, parts, number, start);
    note_many(fd, parts, number, start, done, path);
    return done;
}
ssize_t pwritev(int fd, const struct iovec *parts, int number, off_t start) { return put_many(fd, parts, number, start); }
ssize_t pwritev64(int fd, const struct iovec *parts, int number, off64_t start) { return put_many(fd, parts, number, start); }

static int cut(int fd, off64_t size) {
    char path[PATH_MAX];
    REAL(int, "ftruncate64", int, off64_t);
    int ours = root[0] && of_descriptor(fd, path);
    if (ours && fails()) return -1;
    int done = real(fd, size);
    if (ours && !done) note('T', size, 0, path, "");
    return done;
}
int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) { return cut(fd, size); }

static int reserve(int fd, off64_t start, off64_t size) {
    char path[PATH_MAX];
    REAL(int, "posix_fallocate64", int, off64_t, off64_t);
    int ours = root[0] && of_descriptor(fd, path);
    if (ours && fails()) return errno;
    int done = real(fd, start, size);
    if (ours && !done) note('G', start + size, 0, path, "");
    return done;
}
int posix_fallocate(int fd, off_t start, off_t size) { return reserve(fd, start, size); }
int posix_fallocate64(int fd, off64_t start, off64_t size) { return reserve(fd, start, size); }

static int flushed(int fd, const char *which) {
    char path[PATH_MAX];
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, which);
    int ours = root[0] && of_descriptor(fd, path);
    if (ours && fails()) return -1;
    int done = ours && journal >= 0 ? 0 : real(fd); /* what is simulated need not be waited for */
    if (ours && !done) note('S', 0, 0, path, "");
    return done;
}
int fsync(int fd) { return flushed(fd, "fsync"); }
int fdatasync(int fd) { return flushed(fd, "fdatasync"); }

static int moved(int from, const char *name, int to, const char *new) {
    char path[PATH_MAX], other[PATH_MAX];
    REAL(int, "renameat", int, const char *, int, const char *);
    int ours = of_name(from, name, path) && of_name(to, new, other);
    if (ours && fails()) return -1;
    int done = real(from, name, to, new);
    if (ours && !done) note('R', 0, 0, path, other);
    return done;
}
int rename(const char *name, const char *new) { return moved(AT_FDCWD, name, AT_FDCWD, new); }
int renameat(int from, const char *name, int to, const char *new) { return moved(from, name, to, new); }

static int removed(int at, const char *name, int flags) {
    char path[PATH_MAX];
    REAL(int, "unlinkat", int, const char *, int);
    int ours = of_name(at, name, path);
    if (ours && fails()) return -1;
    int done = real(at, name, flags);
    if (ours && !done) note('U', 0, 0, path, "");
    return done;
}
int unlink(const char *name) { return removed(AT_FDCWD, name, 0); }
int unlinkat(int at, const char *name, int flags) { return removed(at, name, flags); }
int rmdir(const char *name) { return removed(AT_FDCWD, name, AT_REMOVEDIR); }

static int made(int at, const char *name, mode_t mode) {
    char path[PATH_MAX];
    REAL(int, "mkdirat", int, const char *, mode_t);
    int ours = of_name(at, name, path);
    if (ours && fails()) return -1;
    int done = real(at, name, mode);
    if (ours && !done) note('M', 0, 0, path, "");
    return done;
}
int mkdir(const char *name, mode_t mode) { return made(AT_FDCWD, name, mode); }
int mkdirat(int at, const char *name, mode_t mode) { return made(at, name, mode); }
