#include "server/open_files.h"

#include <algorithm>

#include <fmt/format.h>
#include <sys/resource.h>

namespace weft::server {
namespace {

constexpr rlim_t kOpenFilesMax = 65'536;
constexpr size_t kUnknown = 1'024;

}  // namespace

OpenFiles share_open_files(size_t files, size_t ports) {
  constexpr size_t kConnectionsMin = 16;
  constexpr size_t kOfAProcess = 12;
  // A server has up to an eighth and one more until others have given way.
  const size_t of_a_port = files / 4 / ports;
  return {.calls = std::max(files / 4, kConnectionsMin),
          .connections = std::max((of_a_port - 1) * 8 / 9, kConnectionsMin),
          .processes = std::max<size_t>(files / 4 / kOfAProcess, 1)};
}

base::Result<void> check_open_files(size_t files) {
  if (files >= kOpenFilesMin) return {};
  return base::fail(
      base::ErrorCode::kInvalidArgument,
      fmt::format("this process may have {} files open, and needs at least {}: raise the hard "
                  "limit (`ulimit -Hn`, LimitNOFILE= of systemd, --ulimit nofile= of Docker)",
                  files, kOpenFilesMin));
}

size_t allow_open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kUnknown;
  rlimit raised = limit;
  raised.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kOpenFilesMax));
  return setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

}  // namespace weft::server
