#pragma once

#include <span>
#include <string_view>

namespace weft::lambda {

// A file that processes of functions need.
struct BootstrapFile {
  std::string_view name;
  std::string_view text;
};

// The programs that run Node and Python handlers with what they load, put in by the build
// (embed_text.cmake).
extern const std::span<const BootstrapFile> kBootstrapFiles;

}  // namespace weft::lambda
