#include "integrations/lambda/bootstraps.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integrations/lambda/bootstrap_texts.h"

namespace weft::lambda {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

// Written beside and renamed, so that a process of another Weft with the same directory never sees
// half a file.
base::Result<void> write_file(const std::string& path, std::string_view text) {
  std::string temporary = fmt::format("{}.{}", path, getpid());
  std::ofstream out(temporary, std::ios::binary);
  out << text;
  out.close();
  if (out.fail() || std::rename(temporary.c_str(), path.c_str()) != 0) {
    return fail(ErrorCode::kIo, fmt::format("Cannot write the function runtime '{}': {}.", path,
                                            std::strerror(errno)));
  }
  return {};
}

base::Result<std::string> make_directory(const std::string& path) {
  if (!path.empty()) {
    std::error_code error;
    fs::create_directories(path, error);
    if (!error) return fs::absolute(path).string();
    return fail(ErrorCode::kIo,
                fmt::format("Cannot create the directory '{}': {}.", path, error.message()));
  }
  const char* parent = std::getenv("TMPDIR");
  std::string pattern =
      fmt::format("{}/weft-runtime-XXXXXX", parent != nullptr && *parent != '\0' ? parent : "/tmp");
  if (mkdtemp(pattern.data()) != nullptr) return pattern;
  return fail(ErrorCode::kIo,
              fmt::format("Cannot create the directory '{}': {}.", pattern, std::strerror(errno)));
}

}  // namespace

base::Result<std::unique_ptr<BootstrapDirectory>> BootstrapDirectory::create(
    const std::string& path, bool other_users) {
  const bool temporary = path.empty() || other_users;
  auto made = make_directory(temporary ? "" : path);
  if (!made) return std::unexpected(made.error());
  std::unique_ptr<BootstrapDirectory> directory(new BootstrapDirectory(*made, temporary));
  for (const BootstrapFile& file : kBootstrapFiles) {
    auto written = write_file(fmt::format("{}/{}", directory->path(), file.name), file.text);
    if (!written) return std::unexpected(written.error());
    if (other_users) chmod(fmt::format("{}/{}", directory->path(), file.name).c_str(), 0644);
  }
  if (other_users) chmod(directory->path().c_str(), 0755);
  return directory;
}

BootstrapDirectory::~BootstrapDirectory() {
  if (!temporary_) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace weft::lambda
