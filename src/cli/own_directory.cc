#include "cli/own_directory.h"

#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

namespace weft::cli {

namespace fs = std::filesystem;

base::Result<OwnDirectory> OwnDirectory::make(const std::string& data_directory,
                                              std::string_view name) {
  const fs::path home = fs::path(data_directory) / name;
  std::error_code error;
  for (fs::directory_iterator entry(home, error), end; !error && entry != end;
       entry.increment(error)) {
    const pid_t pid = static_cast<pid_t>(std::atoi(entry->path().filename().c_str()));
    std::error_code ignored;
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(entry->path(), ignored);
  }
  OwnDirectory own(home / std::to_string(getpid()));
  error.clear();
  // One that is there already keeps its mode.
  if (fs::create_directories(data_directory, error))
    fs::permissions(data_directory, fs::perms::owner_all, error);
  for (const fs::path& each : {home, own.path_}) {
    if (!error && fs::create_directory(each, error))
      fs::permissions(each, fs::perms::owner_all, error);
  }
  if (error) {
    return base::fail(base::ErrorCode::kIo, fmt::format("Cannot create the directory {}: {}",
                                                        own.path_.string(), error.message()));
  }
  return own;
}

OwnDirectory::~OwnDirectory() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  fs::remove(path_.parent_path(), ignored);  // when it is empty
}

}  // namespace weft::cli
