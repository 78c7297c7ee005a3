// argv -> exit code.
#include <cstdio>
#include <cstring>

#include "app/app.hpp"

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::puts("fthost " FTHOST_VERSION);
    return fthost::app::finish_output(0);
  }
  return fthost::app::run({argv + 1, argv + argc});
}
