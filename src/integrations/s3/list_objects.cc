#include <algorithm>

#include <fcntl.h>
#include <sys/stat.h>

#include "integrations/s3/bucket_directory.h"
#include "integrations/s3/confined_path.h"
#include "integrations/s3/object_key.h"

namespace weft::s3 {
namespace {

constexpr int kDepthMax = 512;

// One listing: a walk in key order that visits only folders that can hold keys of the answer.
class Walk {
 public:
  Walk(BucketDirectory& bucket, const ListQuery& query) : bucket_(bucket), query_(query) {}

  ListResult run() {
    // Nothing lies below the last "/" of the prefix but what the answer may hold: start there.
    size_t slash = query_.prefix.rfind('/');
    std::string start = slash == std::string::npos ? "" : query_.prefix.substr(0, slash + 1);
    if (query_.max_keys > 0 && is_walkable(start)) visit(start, 0);
    return std::move(result_);
  }

 private:
  // Prefixes such as "/", "a//b", "../" or ".weft/" name no folder of objects, so no key begins
  // with them.
  static bool is_walkable(const std::string& start) {
    return start.empty() || check_key(start).has_value();
  }

  // Visits the folder `at` ("" or ending in "/"); false ends the whole walk.
  bool visit(const std::string& at, int depth) {
    if (depth > kDepthMax) return true;
    net::FileDescriptor folder =
        open_beneath(bucket_.root(), std::string_view(at).substr(0, at.empty() ? 0 : at.size() - 1),
                     O_RDONLY | O_DIRECTORY);
    if (!folder.is_open()) return true;
    if (!at.empty() && is_marked_folder(folder.get()) && wanted(at) && !give(folder.get(), "", at))
      return false;
    auto entries = bucket_.folders().entries(folder.get(), at.empty());
    for (auto it = first_of_interest(*entries, at); it != entries->end(); ++it) {
      std::string full = at + *it;
      if (full > query_.prefix && !full.starts_with(query_.prefix)) return true;
      bool is_folder = it->back() == '/';
      if (is_folder ? !visit_folder(full, depth)
                    : (wanted(full) && !give(folder.get(), it->c_str(), full)))
        return false;
    }
    return true;
  }

  bool visit_folder(const std::string& full, int depth) {
    bool may_match = full.starts_with(query_.prefix) || query_.prefix.starts_with(full);
    bool all_before = full < query_.after && !query_.after.starts_with(full);
    if (!may_match || all_before) return true;
    std::string group = common_prefix_of(full);
    if (group.empty()) return visit(full, depth + 1);
    if (is_given(group) || !holds_key_after(full, depth)) return true;
    return give_prefix(std::move(group));
  }

  // The first entry whose keys can be after `after` and at or after the prefix.
  FolderEntries::const_iterator first_of_interest(const FolderEntries& entries,
                                                  const std::string& at) const {
    const std::string& bound = std::max(query_.prefix, query_.after);
    if (!bound.starts_with(at)) return bound > at ? entries.end() : entries.begin();
    std::string_view rest = std::string_view(bound).substr(at.size());
    auto it = std::lower_bound(entries.begin(), entries.end(), rest);
    // The folder that the bound lies in sorts before it.
    if (it != entries.begin() && rest.starts_with(*std::prev(it))) --it;
    return it;
  }

  bool wanted(const std::string& key) const {
    return key.starts_with(query_.prefix) && key > query_.after;
  }

  // The part of the key up to the first delimiter after the prefix, "" when there is none.
  std::string common_prefix_of(const std::string& key) const {
    if (query_.delimiter.empty() || !key.starts_with(query_.prefix)) return "";
    size_t found = key.find(query_.delimiter, query_.prefix.size());
    return found == std::string::npos ? "" : key.substr(0, found + query_.delimiter.size());
  }

  bool is_given(const std::string& group) const {
    if (query_.after_hides_prefix && group <= query_.after) return true;
    return !result_.common_prefixes.empty() && result_.common_prefixes.back() == group;
  }

  bool is_full() {
    if (result_.objects.size() + result_.common_prefixes.size() < query_.max_keys) return false;
    result_.truncated = true;
    return true;
  }

  bool give_prefix(std::string group) {
    if (is_full()) return false;
    result_.last = group;
    result_.common_prefixes.push_back(std::move(group));
    return true;
  }

  // Gives the file `name` of the open folder (or the folder itself for "") as `key`; false when the
  // page is full.
  bool give(int folder, const char* name, const std::string& key) {
    if (std::string group = common_prefix_of(key); !group.empty())
      return is_given(group) || give_prefix(std::move(group));
    struct stat status{};
    bool is_marker = *name == '\0';
    if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW | (is_marker ? AT_EMPTY_PATH : 0)) !=
        0)
      return true;
    if (is_full()) return false;
    ObjectInfo info;
    info.key = key;
    FileStamp stamp = FileStamp::of(status);
    info.size = is_marker ? 0 : stamp.size;
    info.last_modified_ms = stamp.mtime_ns / 1'000'000;
    info.attributes.etag =
        is_marker ? std::string(kEmptyEtag) : bucket_.etags().etag_of(folder, name, status);
    result_.last = key;
    result_.objects.push_back(std::move(info));
    return true;
  }

  // Whether any object below the folder `at` comes after `after`: empty folders do not exist for
  // S3.
  bool holds_key_after(const std::string& at, int depth) const {
    if (depth > kDepthMax) return false;
    net::FileDescriptor folder = open_beneath(
        bucket_.root(), std::string_view(at).substr(0, at.size() - 1), O_RDONLY | O_DIRECTORY);
    if (!folder.is_open()) return false;
    if (at > query_.after && is_marked_folder(folder.get())) return true;
    auto entries = bucket_.folders().entries(folder.get(), false);
    for (const std::string& entry : *entries) {
      std::string full = at + entry;
      if (entry.back() != '/' && full > query_.after) return true;
      if (entry.back() == '/' && holds_key_after(full, depth + 1)) return true;
    }
    return false;
  }

  BucketDirectory& bucket_;
  const ListQuery& query_;
  ListResult result_;
};

}  // namespace

S3Result<ListResult> BucketDirectory::list(const ListQuery& query) {
  return Walk(*this, query).run();
}

}  // namespace weft::s3
