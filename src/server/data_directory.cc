#include "server/data_directory.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "integrations/s3/object_key.h"

namespace weft::server {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

// Nobody else may look into it. One that is there already, and may be used for more, keeps its
// mode.
base::Result<void> make_private_directory(const fs::path& path) {
  std::error_code error;
  const bool made = fs::create_directories(path, error);
  if (made) fs::permissions(path, fs::perms::owner_all, error);
  if (!error) return {};
  return fail(ErrorCode::kIo,
              fmt::format("Cannot create the directory {}: {}", path.string(), error.message()));
}

// As it is on the disk, or will be.
fs::path real_path(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(fs::absolute(path, error), error);
  return real.has_filename() ? real : real.parent_path();
}

bool is_within(const fs::path& inner, const fs::path& outer) {
  return std::ranges::mismatch(outer, inner).in1 == outer.end();
}

}  // namespace

base::Result<void> make_data_directory(const std::string& data_directory) {
  const fs::path path = real_path(data_directory);
  if (auto made = make_private_directory(path); !made) return made;
  for (const char* own : {"store", "logs", "runtime", "buckets"}) {
    if (auto made = make_private_directory(path / own); !made) return made;
    // Of an earlier version.
    std::error_code ignored;
    fs::permissions(path / own, fs::perms::owner_all, ignored);
  }
  return {};
}

base::Result<void> check_apart(const ServeOptions& options) {
  const fs::path data = real_path(options.data_directory);
  const auto check = [&](const std::string& flag, const std::string& directory) {
    const fs::path bucket = real_path(directory);
    const bool inside = is_within(data, bucket) && !is_within(data, bucket / s3::kHiddenFolder);
    if (!inside && !is_within(bucket, data)) return base::Result<void>();
    return base::Result<void>(
        fail(ErrorCode::kInvalidArgument,
             fmt::format("{}: the {} lies within the {} ({}): who may use the bucket would reach "
                         "what is kept there; choose another --data",
                         flag, inside ? "data directory" : "bucket",
                         inside ? "bucket" : "data directory", options.data_directory)));
  };
  for (const BucketFlag& flag : options.buckets) {
    if (!flag.url.empty()) continue;
    auto apart = check(fmt::format("--bucket {}={}", flag.name, flag.directory), flag.directory);
    if (!apart) return apart;
  }
  const std::string& home = options.buckets_home;
  return home.empty() ? base::Result<void>() : check("--buckets " + home, home);
}

}  // namespace weft::server
