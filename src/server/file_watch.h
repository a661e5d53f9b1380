#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "base/error.h"
#include "net/file_descriptor.h"

namespace weft::server {

// Tells which files below some directories were written, moved in or removed; those of a directory
// that takes the place of another with it, be it one of the given ones or above them. Hidden
// directories, node_modules and __pycache__ are not looked into. One owner.
class FileWatch {
 public:
  // The paths, each below a directory as it was given; some that changed within a few milliseconds
  // together. On a thread of the watch's own; no two at once.
  using Changed = std::function<void(const std::set<std::string>& paths)>;
  struct Places {
    std::set<std::string> directories;  // with all below them
    std::set<std::string> except;       // directories that are left out
  };
  // Directories watched at once; those beyond are not.
  static constexpr size_t kDirectoriesMax = 2'000;

  // kIo: the system has no watch left, or a directory is not there.
  static base::Result<std::unique_ptr<FileWatch>> start(Places places, Changed changed);
  ~FileWatch();  // `changed` is not called afterwards; waits for one that runs
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  bool complete() const { return complete_; }  // whether kDirectoriesMax were enough

 private:
  FileWatch(net::FileDescriptor events, net::FileDescriptor stop, Places places, Changed changed)
      : events_(std::move(events)),
        stop_(std::move(stop)),
        places_(std::move(places)),
        changed_(std::move(changed)) {}
  // `found` (may be null) is told of the files that lie there already.
  base::Result<void> add(const std::string& directory, std::set<std::string>* found);
  // Forgets the directory, which lies elsewhere now, and all below it.
  void forget(const std::string& directory);
  // Watches what lies above `directory`, as far as it is there, for one that takes its place.
  void watch_above(const std::string& directory);
  // Something of this name came to be in a directory that lies above given ones.
  void take_place(const std::string& path, std::set<std::string>& paths);
  bool may_enter(const std::string& directory) const;
  // Reads what has happened; false when there is nothing more.
  bool read_some(std::set<std::string>& paths);
  void run();

  const net::FileDescriptor events_;
  const net::FileDescriptor stop_;
  const Places places_;
  const Changed changed_;
  std::map<int, std::string> directories_;  // by watch; of the thread once it runs
  std::map<int, std::string> above_;        // the same of what lies above the given ones
  bool complete_ = true;
  std::thread thread_;
};

}  // namespace weft::server
