#pragma once

#include <cstddef>

namespace weft::server {

// Raises the process's limit of open files to what the system allows it without asking, at most
// 65,536 (a shell's usual 1,024 are less than a wide Map Run has connections), and returns what it
// is then.
size_t allow_open_files();

// How the descriptors of the process are shared out.
struct OpenFiles {
  size_t calls = 0;        // of HTTP tasks at once
  size_t connections = 0;  // to one port
};
// Half of them is for those two; the store's files, and the processes and pipes of functions, have
// the rest, at least 512 where there are as many as a shell gives (1,024).
OpenFiles share_open_files(size_t files);

}  // namespace weft::server
