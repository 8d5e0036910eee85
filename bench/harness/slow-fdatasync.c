/* A disk that takes 1 ms longer to make data durable, as cloud disks do. Loaded into PostgreSQL with LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

int fdatasync(int file) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  int result = real(file);
  struct timespec millisecond = {0, 1000000};
  nanosleep(&millisecond, 0);
  return result;
}
