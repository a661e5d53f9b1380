#include "integrations/s3/file_list.h"

#include <charconv>
#include <deque>

#include <fmt/format.h>

#include "integrations/s3/manifest.h"
#include "json/build.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::s3 {
namespace {

constexpr size_t kListedKeys = 1'000;

class OneFile : public FileList {
 public:
  explicit OneFile(ObjectName name) : name_(std::move(name)) {}
  base::Result<std::optional<ObjectName>> current() override { return name_; }
  void advance() override { name_.reset(); }
  void note(ReadPosition&) const override {}

 private:
  std::optional<ObjectName> name_;
};

class ManifestFiles : public FileList {
 public:
  ManifestFiles(Manifest manifest, uint64_t first) : manifest_(std::move(manifest)), next_(first) {}
  base::Result<std::optional<ObjectName>> current() override {
    if (next_ >= manifest_.files.size()) return std::nullopt;
    return manifest_.files[next_].name;
  }
  void advance() override { ++next_; }
  void note(ReadPosition& position) const override {
    position.manifest = manifest_.version;
    position.file = next_;
  }
  base::Result<void> check(maprun::items::Bytes& bytes) const override {
    return check_listed(manifest_.files[next_], bytes);
  }
  std::optional<maprun::items::Format> format() const override { return manifest_.format; }

 private:
  Manifest manifest_;
  uint64_t next_ = 0;
};

// Every object of a listing but the markers of folders.
class ListedFiles : public FileList {
 public:
  ListedFiles(const maprun::Configuration& configuration, std::string after, ObjectSource& source)
      : configuration_(configuration), source_(source), after_(std::move(after)), listed_(after_) {}

  base::Result<std::optional<ObjectName>> current() override {
    while (keys_.empty() && !all_listed_) {
      auto page = source_.list(configuration_.bucket, configuration_.prefix, listed_, kListedKeys);
      if (!page) {
        return base::fail(page.error().code,
                          cannot_list(configuration_.bucket, page.error().message));
      }
      all_listed_ = !page->truncated || page->objects.empty();
      for (ObjectSummary& object : page->objects) {
        listed_ = object.key;
        if (object.size != 0 || !object.key.ends_with('/')) keys_.push_back(std::move(object.key));
      }
    }
    if (keys_.empty()) return std::nullopt;
    return ObjectName{configuration_.bucket, keys_.front(), ""};
  }
  void advance() override {
    after_ = std::move(keys_.front());
    keys_.pop_front();
  }
  void note(ReadPosition& position) const override { position.after = after_; }

 private:
  const maprun::Configuration& configuration_;
  ObjectSource& source_;
  std::string after_;   // the last file that is done with
  std::string listed_;  // the last key listed
  std::deque<std::string> keys_;
  bool all_listed_ = false;
};

}  // namespace

std::string cannot_list(std::string_view bucket, std::string_view why) {
  return fmt::format("Attempting to list the objects of bucket '{}' failed: {}", bucket, why);
}

std::string unreadable(const ObjectName& name, const base::Error& why) {
  if (why.code == base::ErrorCode::kInvalidArgument) return why.message;
  return fmt::format("Attempting to read 's3://{}/{}' failed: {}", name.bucket, name.key,
                     why.message);
}

std::string write_position(const ReadPosition& position) {
  json::Arena arena;
  json::ObjectBuilder out(arena);
  const auto number = [&](const char* name, uint64_t value) {
    if (value != 0) out.add_ref(name, json::Value::integer(static_cast<int64_t>(value)));
  };
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) out.add_ref(name, json::Value::string_ref(value));
  };
  text("manifest", position.manifest);
  number("file", position.file);
  text("after", position.after);
  text("version", position.version);
  number("offset", position.in_file.offset);
  text("state", position.in_file.state);
  return json::to_text(out.finish());
}

std::optional<ReadPosition> parse_position(const std::string& cursor) {
  ReadPosition position;
  if (cursor.empty()) return position;
  if (cursor[0] != '{') {
    const char* end = cursor.data() + cursor.size();
    const auto read = std::from_chars(cursor.data(), end, position.in_file.offset);
    if (read.ec != std::errc() || read.ptr == end) return std::nullopt;
    position.version.assign(read.ptr + 1, end);
    position.in_file.state = "a";  // inside an array
    return position;
  }
  json::Arena arena;
  const auto read = json::parse(cursor, arena);
  if (!read || !read->is_object()) return std::nullopt;
  const auto number = [&](const char* name) {
    const json::Value value = read->find(name);
    return value.is_number() ? static_cast<uint64_t>(value.as_int()) : 0;
  };
  position.manifest = read->find("manifest").as_string();
  position.file = number("file");
  position.after = read->find("after").as_string();
  position.version = read->find("version").as_string();
  position.in_file = {number("offset"), std::string(read->find("state").as_string())};
  return position;
}

base::Result<std::unique_ptr<FileList>> open_file_list(const maprun::Configuration& configuration,
                                                       const ReadPosition& position,
                                                       ObjectSource& source,
                                                       const Unwanted& unwanted) {
  if (configuration.source == maprun::Configuration::Source::kListObjectsV2)
    return std::make_unique<ListedFiles>(configuration, position.after, source);
  ObjectName name{configuration.bucket, configuration.key, configuration.version_id};
  if (configuration.manifest == maprun::Configuration::Manifest::kNone)
    return std::make_unique<OneFile>(std::move(name));
  auto manifest = read_manifest(configuration, name, source, unwanted);
  if (!manifest) return base::fail(manifest.error().code, unreadable(name, manifest.error()));
  if (!position.manifest.empty() && position.manifest != manifest->version) {
    const base::Error changed = object_changed();
    return base::fail(changed.code, unreadable(name, changed));
  }
  return std::make_unique<ManifestFiles>(std::move(*manifest), position.file);
}

}  // namespace weft::s3
