// The delicate part of child processes: fork, and everything between it and exec. Any thread.
// In the child nothing is inherited but what is asked for: no descriptors, no signal handlers, no blocked signals.
#pragma once

#include <sys/types.h>

#include "base/result.hpp"
#include "io/descriptor.hpp"

namespace fthost::io {

struct ProcessOptions;

// A running child and our ends of its standard streams, which do not block.
struct ChildPipes {
  pid_t pid = 0;
  Descriptor input, output, errors;
  Descriptor watch;  // readable when it has ended (pidfd); none where the kernel has no such thing
};

Result<ChildPipes> spawn_with_pipes(const ProcessOptions& options);
Result<pid_t> spawn_detached(const ProcessOptions& options);

// An eventfd that does not block.
Result<Descriptor> make_event();

}  // namespace fthost::io
