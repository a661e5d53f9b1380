#pragma once

#include <string>
#include <string_view>

#include "net/file_descriptor.h"

// Opening what lies below a directory and nothing else: openat2 with RESOLVE_BENEATH, no symbolic
// or magic links at all. Every function returns errno in the usual way.

namespace weft::s3 {

// Opens `path` ("" = the root itself), relative to `root`.
net::FileDescriptor open_beneath(int root, std::string_view path, int flags, unsigned mode = 0);

// Opens the folder `path`, making it and its parents where they are missing, with `mode` less the
// umask.
net::FileDescriptor make_folder_beneath(int root, std::string_view path, unsigned mode);

// Modes of what is Weft's own, and of what becomes part of a bucket's directory, which is its
// user's: that with what the umask leaves of it.
inline constexpr unsigned kOwnFolderMode = 0700;
inline constexpr unsigned kOwnFileMode = 0600;
inline constexpr unsigned kBucketFolderMode = 0777;
inline constexpr unsigned kBucketFileMode = 0666;

// The umask of the process, which nothing changes.
unsigned file_mask();

// "a/b/c" -> "a/b", "c" -> "".
std::string_view parent_of(std::string_view path);
// "a/b/c" -> "c".
std::string name_of(std::string_view path);

}  // namespace weft::s3
