#include <stdio.h>

int main(void) {
  puts("Hello from amd64");
  return 0;
}
