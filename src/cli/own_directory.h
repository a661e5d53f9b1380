#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace weft::cli {

// A data directory for one call of a command, below the command's: `NAME/PID`, gone with this
// object. Those of processes that were killed go, too.
class OwnDirectory {
 public:
  // kIo: it cannot be created.
  static base::Result<OwnDirectory> make(const std::string& data_directory, std::string_view name);
  OwnDirectory(OwnDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~OwnDirectory();
  OwnDirectory(const OwnDirectory&) = delete;
  OwnDirectory& operator=(const OwnDirectory&) = delete;

  std::string path() const { return path_.string(); }

 private:
  explicit OwnDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace weft::cli
