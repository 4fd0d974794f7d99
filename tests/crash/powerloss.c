/* A disk that loses power (LD_PRELOAD): what was written but not synced may be gone, sector by sector.
 *
 * Every write to a file under POWERLOSS_DIR is done, and what stood there before is remembered until
 * the file is synced. At write number POWERLOSS_AT the power goes: each 512-byte sector that was not
 * synced is put back to what it was, unless a random number says it had reached the disk
 * (POWERLOSS_KEEP of 1000), and the process is killed. POWERLOSS_SEED makes a run repeatable.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512

struct change { /* one sector as it was before it was written, newest first */
    struct change *next;
    dev_t device;
    ino_t inode;
    int fd;
    off64_t at, size; /* of the sector; of the file before the write */
    char before[SECTOR];
};

static struct change *changes;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long writes;
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int), (*real_fdatasync)(int);

static long setting(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}

__attribute__((constructor)) static void start(void) {
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    srandom((unsigned)setting("POWERLOSS_SEED", 1));
}

static int is_ours(int fd) {
    char link[64], path[PATH_MAX];
    const char *folder = getenv("POWERLOSS_DIR");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0 || !folder) return 0;
    path[n] = 0;
    return !strncmp(path, folder, strlen(folder)) && !strstr(path, "-shm");
}

static void remember(int fd, size_t count, off64_t offset) {
    struct stat status;
    fstat(fd, &status);
    for (off64_t at = offset - offset % SECTOR; at < offset + (off64_t)count; at += SECTOR) {
        struct change *one = calloc(1, sizeof *one);
        one->device = status.st_dev, one->inode = status.st_ino, one->fd = dup(fd);
        one->at = at, one->size = status.st_size;
        if (pread64(one->fd, one->before, SECTOR, at) < 0) memset(one->before, 0, SECTOR);
        one->next = changes;
        changes = one;
    }
}

static void lose_power(void) {
    long keep = setting("POWERLOSS_KEEP", 500);
    for (struct change *one = changes; one; one = one->next) {
        if (random() % 1000 < keep) continue;
        real_pwrite(one->fd, one->before, SECTOR, one->at);
    }
    kill(getpid(), SIGKILL);
}

static void forget(int fd) {
    struct stat status;
    if (fstat(fd, &status)) return;
    for (struct change **at = &changes; *at;) {
        struct change *one = *at;
        if (one->device == status.st_dev && one->inode == status.st_ino) {
            *at = one->next;
            close(one->fd);
            free(one);
        } else {
            at = &one->next;
        }
    }
}

static ssize_t written(int fd, const void *bytes, size_t count, off64_t offset) {
    pthread_mutex_lock(&lock);
    remember(fd, count, offset);
    ssize_t done = real_pwrite(fd, bytes, count, offset);
    if (++writes == setting("POWERLOSS_AT", -1)) lose_power();
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    return is_ours(fd) ? written(fd, bytes, count, offset) : real_pwrite(fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    return pwrite64(fd, bytes, count, offset);
}

static int synced(int fd, int (*sync)(int)) {
    if (!is_ours(fd)) return sync(fd);
    pthread_mutex_lock(&lock);
    int done = sync(fd);
    if (!done) forget(fd);
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }
