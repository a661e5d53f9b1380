#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "net/file_descriptor.h"

namespace weft::lambda {

// The programs that run Node and Python handlers, which are part of Weft's binary, written to files
// for the interpreters.
class BootstrapDirectory {
 public:
  // Writes them into `path` (created when absent), or, with "" or for `other_users` too, into a
  // fresh directory under TMPDIR that only this user, or everybody, can read and that goes away
  // with this object. It is locked, so that the next call, of any process, can tell it from those
  // that a kill left there, which it removes. Errors: kIo.
  static base::Result<std::unique_ptr<BootstrapDirectory>> create(const std::string& path,
                                                                  bool other_users = false);
  ~BootstrapDirectory();
  BootstrapDirectory(const BootstrapDirectory&) = delete;
  BootstrapDirectory& operator=(const BootstrapDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string node() const { return path_ + "/runtime_node.mjs"; }
  std::string python() const { return path_ + "/runtime_python.py"; }

 private:
  BootstrapDirectory(std::string path, net::FileDescriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}
  const std::string path_;
  const net::FileDescriptor lock_;  // of a temporary directory
};

}  // namespace weft::lambda
