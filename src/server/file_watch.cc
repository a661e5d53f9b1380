#include "server/file_watch.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace weft::server {
namespace {

namespace fs = std::filesystem;

// A program that saves a file does so in several steps.
constexpr int kQuietMs = 50;
// A directory may be watched for its own sake and for those below it: the two are added up.
constexpr uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR | IN_MASK_ADD;
constexpr uint32_t kEventsAbove = IN_MOVED_TO | IN_CREATE | IN_ONLYDIR | IN_MASK_ADD;

// Whether `path` is `directory` or lies in it.
bool lies_within(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) && (path.size() == directory.size() ||
                                         directory.ends_with('/') || path[directory.size()] == '/');
}

std::string joined(const std::string& directory, const char* name) {
  return (fs::path(directory) / name).string();
}

}  // namespace

base::Result<std::unique_ptr<FileWatch>> FileWatch::start(Places places, Changed changed) {
  net::FileDescriptor events(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  net::FileDescriptor stop(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!events.is_open() || !stop.is_open()) {
    return base::fail(base::ErrorCode::kIo,
                      fmt::format("--watch: files cannot be watched: {}", std::strerror(errno)));
  }
  std::unique_ptr<FileWatch> watch(
      new FileWatch(std::move(events), std::move(stop), std::move(places), std::move(changed)));
  for (const std::string& directory : watch->places_.directories) {
    watch->watch_above(directory);
    if (auto added = watch->add(directory, nullptr); !added) return std::unexpected(added.error());
  }
  watch->thread_ = std::thread([self = watch.get()] { self->run(); });
  return watch;
}

FileWatch::~FileWatch() {
  if (!thread_.joinable()) return;
  const uint64_t one = 1;
  if (::write(stop_.get(), &one, sizeof one) == sizeof one) thread_.join();
}

bool FileWatch::may_enter(const std::string& directory) const {
  const std::string name = fs::path(directory).filename().string();
  return !name.starts_with('.') && name != "node_modules" && name != "__pycache__" &&
         !places_.except.contains(directory);
}

void FileWatch::watch_above(const std::string& directory) {
  // From the top: what takes a place meanwhile is seen by the watch above it.
  fs::path above;
  for (const fs::path& part : fs::path(directory).parent_path()) {
    above /= part;
    const int watch = ::inotify_add_watch(events_.get(), above.c_str(), kEventsAbove);
    if (watch < 0) continue;  // not there yet, or not ours to read
    above_[watch] = above.string();
  }
}

void FileWatch::forget(const std::string& directory) {
  std::erase_if(directories_, [&](const auto& one) {
    if (!lies_within(one.second, directory)) return false;
    if (!above_.contains(one.first)) ::inotify_rm_watch(events_.get(), one.first);
    return true;
  });
}

void FileWatch::take_place(const std::string& path, std::set<std::string>& paths) {
  for (const std::string& directory : places_.directories) {
    if (!lies_within(directory, path)) continue;
    forget(directory);
    std::erase_if(above_, [&](const auto& one) {
      if (!lies_within(one.second, path)) return false;
      if (!directories_.contains(one.first)) ::inotify_rm_watch(events_.get(), one.first);
      return true;
    });
    watch_above(directory);
    (void)add(directory, &paths);  // else it comes later
  }
}

base::Result<void> FileWatch::add(const std::string& directory, std::set<std::string>* found) {
  if (directories_.size() >= kDirectoriesMax) {
    complete_ = false;
    return {};
  }
  const int watch = ::inotify_add_watch(events_.get(), directory.c_str(), kEvents);
  if (watch < 0) {
    return base::fail(base::ErrorCode::kIo, fmt::format("--watch: {} cannot be watched: {}",
                                                        directory, std::strerror(errno)));
  }
  directories_[watch] = directory;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    const std::string path = entry->path().string();
    if (found != nullptr && !entry->is_directory(ignored)) found->insert(path);
    if (!entry->is_directory(ignored) || entry->is_symlink(ignored) || !may_enter(path)) continue;
    // One that is gone by now needs no watch.
    if (auto added = add(path, found); !added && fs::exists(path, ignored)) return added;
  }
  return {};
}

bool FileWatch::read_some(std::set<std::string>& paths) {
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  const ssize_t size = ::read(events_.get(), buffer.data(), buffer.size());
  if (size <= 0) return false;
  for (const char* at = buffer.data(); at < buffer.data() + size;) {
    inotify_event event;
    std::memcpy(&event, at, sizeof event);
    const char* name = at + sizeof event;
    at = name + event.len;
    if ((event.mask & IN_IGNORED) != 0) {
      directories_.erase(event.wd);
      above_.erase(event.wd);
      continue;
    }
    if (event.len == 0) continue;
    const bool came = (event.mask & (IN_CREATE | IN_MOVED_TO)) != 0;
    const auto above = above_.find(event.wd);
    if (above != above_.end() && came) take_place(joined(above->second, name), paths);
    const auto found = directories_.find(event.wd);
    if (found == directories_.end()) continue;
    const std::string path = found->second + "/" + name;
    if ((event.mask & IN_ISDIR) == 0) {
      // What is created empty is written after that.
      if ((event.mask & IN_CREATE) == 0) paths.insert(path);
    } else if (came && may_enter(path)) {
      (void)add(path, &paths);
    } else if ((event.mask & IN_MOVED_FROM) != 0) {
      forget(path);
    }
  }
  return true;
}

void FileWatch::run() {
  std::set<std::string> paths;
  while (true) {
    std::array<pollfd, 2> waited{{{.fd = events_.get(), .events = POLLIN, .revents = 0},
                                  {.fd = stop_.get(), .events = POLLIN, .revents = 0}}};
    const int ready = ::poll(waited.data(), waited.size(), paths.empty() ? -1 : kQuietMs);
    if (waited[1].revents != 0 || (ready < 0 && errno != EINTR)) return;
    if (ready > 0) {
      while (read_some(paths)) {
      }
    } else if (ready == 0 && !paths.empty()) {
      changed_(std::exchange(paths, {}));
    }
  }
}

}  // namespace weft::server
