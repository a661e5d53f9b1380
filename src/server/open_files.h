#pragma once

#include <cstddef>

#include "base/error.h"

namespace weft::server {

// Raises the process's limit of open files to what the system allows it without asking, at most
// 65,536 (a shell's usual 1,024 are less than a wide Map Run has connections), and returns what it
// is then.
size_t allow_open_files();

// Fewer do not carry a store, its connections and functions.
inline constexpr size_t kOpenFilesMin = 512;
// kInvalidArgument when `files`, what allow_open_files() came to, are fewer; says how to allow
// more.
base::Result<void> check_open_files(size_t files);

// How the descriptors of the process are shared out.
struct OpenFiles {
  size_t calls = 0;        // of HTTP tasks at once
  size_t connections = 0;  // to each port
  size_t processes = 0;    // of functions, each of which has some ten
};
// A quarter of them is for each of those, that of connections for all `ports` (at least one)
// together; the rest is the store's.
OpenFiles share_open_files(size_t files, size_t ports);

}  // namespace weft::server
