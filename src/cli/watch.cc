#include "cli/watch.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "terminal/text.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

std::string directory_of(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error).lexically_normal();
  return fs::is_directory(absolute, error) ? absolute.string() : absolute.parent_path().string();
}

bool is_below(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

template <size_t N>
bool ends_like(const std::string& path, const std::array<std::string_view, N>& endings) {
  return std::ranges::any_of(endings, [&](std::string_view one) { return path.ends_with(one); });
}

// What functions are made of. Others lie beside them, such as what they write.
bool is_code(const std::string& path) {
  constexpr std::array<std::string_view, 8> kEndings = {".js", ".mjs",  ".cjs", ".ts",
                                                        ".py", ".json", ".so",  "/bootstrap"};
  return ends_like(path, kEndings);
}

bool is_definition(const std::string& path) {
  constexpr std::array<std::string_view, 5> kEndings = {".json", ".yaml", ".yml", ".template",
                                                        ".asl"};
  return ends_like(path, kEndings);
}

void say(const std::string& sentence) { terminal::say(stderr, "weft: " + sentence); }

}  // namespace

base::Result<std::unique_ptr<Watch>> Watch::start(server::Server& server, RunFlags flags,
                                                  const server::ServeOptions& options,
                                                  const Definitions& known) {
  std::unique_ptr<Watch> watch(new Watch(server, std::move(flags)));
  server::FileWatch::Places places;
  for (const lambda::FunctionDescription& function : server.functions().describe())
    watch->functions_[directory_of(function.config.path)].insert(function.config.name);
  for (const auto& [directory, names] : watch->functions_) places.directories.insert(directory);
  std::set<std::string> files = {};
  for (const DefinitionFile& file : known.files) {
    watch->machines_.insert(file.machine_name);
    files.insert(file.path);
    if (file.definition.json != nullptr) files.insert(file.definition.json->name);
  }
  for (const std::string& file : files) {
    std::error_code error;
    if (fs::exists(file, error)) watch->definition_directories_.insert(directory_of(file));
  }
  places.directories.insert(watch->definition_directories_.begin(),
                            watch->definition_directories_.end());
  places.except.insert(directory_of(options.data_directory));
  for (const server::BucketFlag& bucket : options.buckets)
    places.except.insert(directory_of(bucket.directory));
  if (!options.buckets_home.empty()) places.except.insert(directory_of(options.buckets_home));
  auto started = server::FileWatch::start(
      std::move(places),
      [self = watch.get()](const std::set<std::string>& paths) { self->changed(paths); });
  if (!started) return std::unexpected(started.error());
  watch->files_ = std::move(*started);
  if (!watch->files_->complete()) {
    say(fmt::format("warning: --watch looks into {} directories, and there are more",
                    server::FileWatch::kDirectoriesMax));
  }
  return watch;
}

void Watch::changed(const std::set<std::string>& paths) {
  refresh_functions(paths);
  const bool definitions = std::ranges::any_of(paths, [&](const std::string& path) {
    return is_definition(path) && definition_directories_.contains(directory_of(path));
  });
  if (definitions) reload_definitions();
}

void Watch::refresh_functions(const std::set<std::string>& paths) {
  std::set<std::string> names;
  for (const auto& [directory, functions] : functions_) {
    const bool touched = std::ranges::any_of(
        paths, [&](const std::string& path) { return is_code(path) && is_below(path, directory); });
    if (touched) names.insert(functions.begin(), functions.end());
  }
  for (const std::string& name : names) server_.functions().refresh(name);
  if (!names.empty())
    say(fmt::format("the code of {} has changed: new processes", fmt::join(names, ", ")));
}

void Watch::note_removed(const Definitions& definitions) {
  std::set<std::string> before;
  before.swap(machines_);
  for (const DefinitionFile& file : definitions.files) machines_.insert(file.machine_name);
  for (const std::string& name : before) {
    if (machines_.contains(name)) continue;
    say(
        fmt::format("{} is in no definition any more; its state machine stays until somebody calls "
                    "DeleteStateMachine",
                    name));
  }
}

void Watch::reload_definitions() {
  auto options = serve_options(flags_.runtime);
  if (!options) return say(options.error().message);
  const auto definitions = load_definitions(flags_, *options);
  if (!definitions) return say(definitions.error().message + "; what was there stays");
  note_removed(*definitions);
  running::Host& host = server_.host();
  if (auto put = put_activities(host, *definitions); !put) say(put.error().message);
  for (const DefinitionFile& file : definitions->files) {
    const std::string arn = arn::machine_arn(host.query().identity(), file.machine_name);
    const auto before = host.query().machine(arn);
    Definitions one;
    one.files.push_back(file);
    if (auto put = put_machines(host, one); !put) {
      say(put.error().message);
      continue;
    }
    const auto after = host.query().machine(arn);
    if (!after || (before && before->definition_hash == after->definition_hash)) continue;
    say(after->revision_id.empty()
            ? fmt::format("{}: a new state machine", file.machine_name)
            : fmt::format("{}: revision {}", file.machine_name, after->revision_id));
  }
}

}  // namespace weft::cli
