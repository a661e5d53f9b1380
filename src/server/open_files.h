#pragma once

#include <cstddef>

namespace weft::server {

// Raises the process's limit of open files to what the system allows it without asking, at most
// 65,536 (a shell's usual 1,024 are less than a wide Map Run has connections), and returns what it
// is then.
size_t allow_open_files();

}  // namespace weft::server
