#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "integrations/s3/object_writer.h"
#include "net/file_descriptor.h"

namespace weft::s3 {

// Where what a bucket is being sent lies until it is complete: temporary files and the parts of
// multipart uploads, in a directory of its own, for the bucket's directory holds objects only. Not
// thread-safe to open twice at once; afterwards thread-safe.
class Staging {
 public:
  // Makes `directory` where it is missing and removes the temporary files that a killed process
  // left in it: one process at a time may use it. Error: kIo.
  static base::Result<Staging> open(const std::string& directory);

  // A file, its owner's alone, that can be moved into this directory, and into the bucket where
  // that lies on the same mount.
  S3Result<ObjectWriter> create_writer() const;
  int root() const { return root_.get(); }
  // Whether files can be renamed from here into the open folder.
  bool shares_mount_with(int folder) const;

 private:
  Staging(net::FileDescriptor root, net::FileDescriptor temporary)
      : root_(std::move(root)), temporary_(std::move(temporary)) {}

  net::FileDescriptor root_;
  net::FileDescriptor temporary_;
};

// 32 hex digits that no one guesses and no two calls share; "" (and errno) when the system gives
// none.
std::string random_name();

}  // namespace weft::s3
