#include "cli/settings.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "asl/nearest.h"
#include "cli/data_directory.h"
#include "cli/definition_file.h"
#include "cli/definitions.h"
#include "cli/flags.h"
#include "cli/settings_file.h"
#include "exports/destination.h"
#include "integrations/registry.h"
#include "net/origin.h"
#include "server/options.h"
#include "trace/redact.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using Kind = TomlValue::Kind;
using Done = base::Result<void>;

constexpr const char* kConfigFlag = "--config";

bool has_validator(CLI::Option& option, const char* name) {
  try {
    option.get_validator(name);
    return true;
  } catch (const CLI::OptionNotFound&) {
    return false;
  }
}

SettingKind kind_of(CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (option.get_items_expected_max() == 0) return SettingKind::kSwitch;
  if (has_validator(option, kWholeNumberName)) return SettingKind::kNumber;
  if (has_validator(option, kSizeName)) return SettingKind::kSize;
  if (type == "DIR" || type == "FILE") return SettingKind::kPath;
  if (type == "JSON|@FILE") return SettingKind::kJson;
  if (type.starts_with("NAME=PATH[:HANDLER]")) return SettingKind::kFunctions;
  if (type == "NAME=DIR|URL" || type == "NAME=FILE") return SettingKind::kNamedFiles;
  if (type == "NAME=VALUE|@FILE") return SettingKind::kValues;
  if (type == "[NAME=]FILE[,type=EXPRESS]") return SettingKind::kFiles;
  const bool many = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll ||
                    option.get_expected_max() > 1;
  return many ? SettingKind::kTexts : SettingKind::kText;
}

// The flags that are keys, and those that make no sense in a file.
struct Keys {
  std::map<std::string, CLI::Option*> known;
  std::vector<std::string> flags_only;
};

Keys keys_of(const CLI::App& app) {
  Keys keys;
  for (const char* name : {"run", "serve"}) {
    for (CLI::Option* option : app.get_subcommand(name)->get_options()) {
      if (option->get_lnames().empty()) continue;
      const std::string& key = option->get_lnames().front();
      if (option->get_configurable()) {
        keys.known.try_emplace(key, option);
      } else {
        keys.flags_only.push_back(key);
      }
    }
  }
  return keys;
}

// A path of the file, as seen from where the command runs.
std::string resolved(const std::string& file, const std::string& path) {
  const fs::path folder = fs::path(file).parent_path();
  const bool url = path.find("://") != std::string::npos;  // of a bucket
  if (path.empty() || url || folder.empty() || fs::path(path).is_absolute()) return path;
  return (folder / path).lexically_normal().string();
}

Done check_bucket(const std::string& text) {
  auto bucket = server::parse_bucket_flag(text);
  if (!bucket) return std::unexpected(bucket.error());
  return bucket->url.empty() ? server::check_bucket_place("--bucket " + text, bucket->directory)
                             : Done();
}

// What the commands make of a value themselves, and say by their flag's name: here it has a place.
Done check_value(const std::string& key, const std::string& text) {
  const auto only_error = [](const auto& result) -> Done {
    if (result) return {};
    return std::unexpected(result.error());
  };
  server::ServeOptions scratch;
  if (key == "bucket") return check_bucket(text);
  if (key == "buckets") return server::check_bucket_place("--buckets " + text, text);
  if (key == "data") return server::check_data_place(text);
  if (key == "export") return only_error(exports::Destination::parse(text));
  if (key == "listen") return server::parse_listen_flag(text, scratch);
  if (key == "allow-origin") return only_error(net::parse_origin(text));
  if (key == "redact")
    return only_error(trace::Redactor::create(redaction_rules({.redact = {text}})));
  if (key == "input") return only_error(read_json_flag("--input", text));
  if (key == "substitute") return only_error(read_substitutions({text}));
  if (key == "connection" || key == "http-allow" || key == "http-deny")
    return integrations::check_flags({.flags = {{"--" + key, {text}}}});
  return {};
}

// Without the name of the flag, which stands before the message already.
std::string without_flag(std::string_view message, const std::string& key) {
  const std::string flag = "--" + key;
  if (!message.starts_with(flag)) return std::string(message);
  message.remove_prefix(flag.size());
  const size_t begin = message.find_first_not_of(": ");
  return std::string(message.substr(std::min(begin, message.size())));
}

// Hands the values of one file to the options of one command.
class Reader {
 public:
  Reader(const std::string& path, const Keys& keys, CLI::App& command,
         std::vector<lambda::FunctionConfig>& functions)
      : path_(path), keys_(keys), command_(command), functions_(functions) {}

  Done read(const TomlValue& file) {
    for (const TomlEntry& entry : file.members) {
      if (auto done = read_entry(entry); !done) return done;
    }
    return {};
  }

 private:
  Done expected(const TomlValue& value, const std::string& key, std::string_view what) const {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}:{}:{}: {} = {}: expected {}", path_, value.line, value.column, key,
                            shown(value), what));
  }

  Done unknown(const TomlEntry& entry, const std::string& key,
               const std::vector<std::string>& known) const {
    const std::string meant =
        asl::nearest(entry.key, std::vector<std::string_view>(known.begin(), known.end()));
    const std::string tail = meant.empty()
                                 ? fmt::format("expected one of {}", fmt::join(known, ", "))
                                 : fmt::format("did you mean '{}'?", meant);
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}:{}:{}: {} = {}: there is no such key; {}", path_, entry.line,
                            entry.column, key, shown(entry.value), tail));
  }

  Done read_entry(const TomlEntry& entry) {
    const auto found = keys_.known.find(entry.key);
    if (found == keys_.known.end()) {
      if (std::ranges::find(keys_.flags_only, entry.key) != keys_.flags_only.end()) {
        return fail(
            ErrorCode::kInvalidArgument,
            fmt::format("{}:{}:{}: {} = {}: is no key: --{} belongs on a command line", path_,
                        entry.line, entry.column, entry.key, shown(entry.value), entry.key));
      }
      std::vector<std::string> names;
      for (const auto& [name, option] : keys_.known) names.push_back(name);
      return unknown(entry, entry.key, names);
    }
    const SettingKind kind = kind_of(*found->second);
    if (kind == SettingKind::kFunctions) return read_functions(entry);
    auto texts = texts_of(entry, kind);
    if (!texts) return std::unexpected(texts.error());
    for (const std::string& one : *texts) {
      if (auto usable = check_value(entry.key, one); !usable)
        return at(entry.value, entry.key, without_flag(usable.error().message, entry.key));
    }
    // Checked by the option that has the key, whichever command runs; only where that has it, too,
    // the value counts.
    CLI::Option* option = command_.get_option_no_throw("--" + entry.key);
    return give(option != nullptr ? *option : *found->second, option != nullptr, entry, kind,
                std::move(*texts));
  }

  // Whether the command line leaves the option to the file.
  static bool is_free(const CLI::Option& option, SettingKind kind) {
    for (const CLI::Option* other : option.get_excludes()) {
      if (other->count() > 0) return false;
    }
    return option.count() == 0 || kind == SettingKind::kNamedFiles;
  }

  Done give(CLI::Option& option, bool wanted, const TomlEntry& entry, SettingKind kind,
            std::vector<std::string> texts) {
    const std::vector<std::string> typed = option.results();
    const bool take = wanted && is_free(option, kind);
    if (take && kind == SettingKind::kNamedFiles) {
      std::erase_if(texts, [&](const std::string& text) {
        const std::string name = text.substr(0, text.find('=') + 1);
        return std::ranges::any_of(
            typed, [&](const std::string& other) { return other.starts_with(name); });
      });
      texts.insert(texts.end(), typed.begin(), typed.end());
    }
    // Left to a flag that excludes it: there is nothing to check it by.
    if (wanted && !take && typed.empty()) return {};
    try {
      option.clear();
      for (std::string& text : texts) option.add_result(std::move(text));
      if (!texts.empty()) option.run_callback();
      if (take) return {};
      option.clear();
      for (const std::string& text : typed) option.add_result(text);
      if (!typed.empty()) option.run_callback();
      return {};
    } catch (const CLI::Error& error) {
      std::string_view why = error.what();
      if (const std::string flag = "--" + entry.key + ": "; why.starts_with(flag))
        why.remove_prefix(flag.size());
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}:{}:{}: {} = {}: {}", path_, entry.value.line, entry.value.column,
                              entry.key, shown(entry.value), why));
    }
  }

  // What would be typed behind the flag, once for each value.
  base::Result<std::vector<std::string>> texts_of(const TomlEntry& entry, SettingKind kind) const {
    const TomlValue& value = entry.value;
    const auto wrong = [&](std::string_view what) {
      return std::unexpected(expected(value, entry.key, what).error());
    };
    const bool text = value.kind == Kind::kText;
    switch (kind) {
      case SettingKind::kSwitch:
        if (value.kind != Kind::kSwitch) return wrong("true or false");
        return std::vector{value.text};
      case SettingKind::kNumber:
        if (value.kind != Kind::kNumber) return wrong("a whole number");
        return std::vector{value.text};
      case SettingKind::kSize:
        if (!text && value.kind != Kind::kNumber)
          return wrong("a number of bytes, or a text such as \"64MiB\"");
        return std::vector{value.text};
      case SettingKind::kPath:
        if (!text) return wrong("a text: a path, relative to this file");
        return std::vector{resolved(path_, value.text)};
      case SettingKind::kJson:
        if (value.kind == Kind::kTable && value.text.empty())
          return wrong("numbers that JSON has, not inf or nan");
        if (value.kind == Kind::kTable) return std::vector{value.text};
        if (!text) return wrong("a table, or a text: JSON, or @ and a file");
        return std::vector{value.text.starts_with('@') ? "@" + resolved(path_, value.text.substr(1))
                                                       : value.text};
      case SettingKind::kFiles:
        if (value.kind == Kind::kTable) return named_files(entry);
        return list_of(entry, kind);
      case SettingKind::kValues:
        if (value.kind == Kind::kTable) return named_texts(entry);
        return list_of(entry, kind);
      case SettingKind::kNamedFiles:
        if (value.kind != Kind::kTable) return wrong("a table: NAME = \"path\"");
        return named_files(entry);
      case SettingKind::kTexts:
        return list_of(entry, kind);
      default:
        if (!text) return wrong("a text");
        return std::vector{value.text};
    }
  }

  // A text of a list as it is typed behind the flag.
  std::string item_of(const std::string& text, SettingKind kind) const {
    if (kind == SettingKind::kFiles) {
      const size_t name = text.find('=') + 1;
      return text.substr(0, name) + resolved(path_, text.substr(name));
    }
    if (kind == SettingKind::kValues && text.starts_with('@'))
      return "@" + resolved(path_, text.substr(1));
    return text;
  }

  base::Result<std::vector<std::string>> list_of(const TomlEntry& entry, SettingKind kind) const {
    const TomlValue& value = entry.value;
    if (value.kind == Kind::kText) return std::vector{item_of(value.text, kind)};
    if (value.kind != Kind::kList) {
      return std::unexpected(expected(value, entry.key,
                                      kind == SettingKind::kTexts ? "a list of texts"
                                      : kind == SettingKind::kFiles
                                          ? "a list of files, or a table: NAME = \"path\""
                                          : "a list of texts, or a table: NAME = \"text\"")
                                 .error());
    }
    std::vector<std::string> texts;
    for (const TomlValue& item : value.items) {
      if (item.kind != Kind::kText)
        return std::unexpected(expected(item, entry.key, "a text in the list").error());
      texts.push_back(item_of(item.text, kind));
    }
    return texts;
  }

  base::Result<std::vector<std::string>> named_texts(const TomlEntry& entry) const {
    std::vector<std::string> texts;
    for (const TomlEntry& one : entry.value.members) {
      if (one.value.kind != Kind::kText) {
        return std::unexpected(expected(one.value, entry.key + "." + one.key, "a text").error());
      }
      texts.push_back(one.key + "=" + one.value.text);
    }
    return texts;
  }

  base::Result<std::vector<std::string>> named_files(const TomlEntry& entry) const {
    std::vector<std::string> texts;
    for (const TomlEntry& one : entry.value.members) {
      if (one.value.kind != Kind::kText) {
        return std::unexpected(
            expected(one.value, entry.key + "." + one.key, "a text: a path, relative to this file")
                .error());
      }
      texts.push_back(one.key + "=" + resolved(path_, one.value.text));
    }
    return texts;
  }

  Done read_functions(const TomlEntry& entry) {
    if (entry.value.kind != Kind::kTable)
      return expected(entry.value, entry.key, "a table of functions: [function.NAME]");
    for (const TomlEntry& one : entry.value.members) {
      auto function = function_of(one, entry.key + "." + one.key);
      if (!function) return std::unexpected(function.error());
      functions_.push_back(std::move(*function));
    }
    return {};
  }

  // An error of a function's part, in the words that the flag has for it.
  std::unexpected<base::Error> at(const TomlValue& value, const std::string& key,
                                  std::string_view why) const {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}:{}: {} = {}: {}", path_, value.line,
                                                         value.column, key, shown(value), why));
  }

  base::Result<lambda::FunctionConfig> function_of(const TomlEntry& entry,
                                                   const std::string& key) const {
    if (auto valid = lambda::check_function_name(entry.key); !valid)
      return at(entry.value, key, valid.error().message);
    lambda::FunctionConfig config;
    if (entry.value.kind == Kind::kText) {
      auto parsed = lambda::parse_function_flag(entry.key + "=" + entry.value.text);
      if (!parsed) return at(entry.value, key, parsed.error().message);
      config = std::move(*parsed);
    } else if (entry.value.kind == Kind::kTable) {
      config.name = entry.key;
      for (const TomlEntry& setting : entry.value.members) {
        if (auto done = set(config, setting, key + "." + setting.key); !done)
          return std::unexpected(done.error());
      }
    } else {
      return std::unexpected(
          expected(entry.value, key, "a table, or a text as behind --function NAME=").error());
    }
    const bool levelled = std::ranges::any_of(
        entry.value.members, [](const TomlEntry& one) { return one.key == "log_level"; });
    if (auto fits = lambda::check_log_level(config); levelled && !fits)
      return at(entry.value, key, fits.error().message);
    if (config.path.empty())
      return std::unexpected(
          expected(entry.value, key, "path, the file or directory of the function").error());
    config.path = resolved(path_, config.path);
    std::error_code error;
    if (!fs::exists(config.path, error)) {
      const auto path = std::ranges::find(entry.value.members, "path", &TomlEntry::key);
      const bool told = path != entry.value.members.end();
      return at(told ? path->value : entry.value, told ? key + ".path" : key,
                fmt::format("there is no file {}", config.path));
    }
    return config;
  }

  Done set(lambda::FunctionConfig& config, const TomlEntry& entry, const std::string& key) const {
    const TomlValue& value = entry.value;
    if (entry.key == "env") return set_environment(config, value, key);
    if (entry.key == "path" || entry.key == "handler") {
      if (value.kind != Kind::kText || value.text.empty()) return expected(value, key, "a text");
      (entry.key == "path" ? config.path : config.handler) = value.text;
      return {};
    }
    std::vector<std::string> known = {"path", "handler", "env"};
    for (const lambda::FunctionSetting& setting : lambda::function_settings()) {
      known.emplace_back(setting.name);
      if (setting.name != entry.key) continue;
      const bool number = value.kind == Kind::kNumber || value.kind == Kind::kReal;
      if (setting.number ? !number : value.kind != Kind::kText)
        return expected(value, key, setting.number ? "a number" : "a text");
      if (auto done = lambda::set_function_setting(config, entry.key, value.text); !done)
        return at(value, key, done.error().message);
      return {};
    }
    return unknown(entry, key, known);
  }

  Done set_environment(lambda::FunctionConfig& config, const TomlValue& value,
                       const std::string& key) const {
    if (value.kind != Kind::kTable) return expected(value, key, "a table: VARIABLE = \"text\"");
    for (const TomlEntry& variable : value.members) {
      if (variable.value.kind != Kind::kText)
        return expected(variable.value, key + "." + variable.key, "a text");
      if (auto done =
              lambda::set_function_setting(config, "env." + variable.key, variable.value.text);
          !done)
        return at(variable.value, key + "." + variable.key, done.error().message);
    }
    return {};
  }

  const std::string& path_;
  const Keys& keys_;
  CLI::App& command_;
  std::vector<lambda::FunctionConfig>& functions_;
};

// Where the settings of a command are; "" when there is no file.
base::Result<std::string> find_file(const CLI::App& command) {
  if (const CLI::Option* config = command.get_option(kConfigFlag); config->count() > 0) {
    const std::string path = config->as<std::string>();
    std::error_code error;
    if (fs::exists(path, error)) return path;
    return fail(ErrorCode::kInvalidArgument, fmt::format("--config: there is no file {}", path));
  }
  std::error_code error;
  for (const char* name : {"DEFINITION", "FILE"}) {
    const CLI::Option* definition = command.get_option_no_throw(name);
    if (definition == nullptr || definition->count() == 0) continue;
    const fs::path beside = fs::path(definition->as<std::string>()).parent_path() / kSettingsFile;
    if (fs::exists(beside, error)) return beside.string();
  }
  return fs::exists(kSettingsFile, error) ? std::string(kSettingsFile) : std::string();
}

base::Result<TomlValue> load(const std::string& path) {
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return parse_toml(*text, path);
}

}  // namespace

std::vector<Setting> settings_of(const CLI::App& app) {
  std::vector<Setting> settings;
  for (const auto& [key, option] : keys_of(app).known) {
    const SettingKind kind = kind_of(*option);
    settings.push_back({.key = key,
                        .kind = kind,
                        .value = kind == SettingKind::kSwitch ? "" : option->get_type_name(),
                        .default_value = option->get_default_str()});
  }
  return settings;
}

base::Result<std::string> apply_settings(const CLI::App& app, CLI::App& command,
                                         std::vector<lambda::FunctionConfig>& functions) {
  if (command.get_option_no_throw(kConfigFlag) == nullptr) return std::string();
  auto path = find_file(command);
  if (!path || path->empty()) return path;
  const auto file = load(*path);
  if (!file) return std::unexpected(file.error());
  const Keys keys = keys_of(app);
  if (auto read = Reader(*path, keys, command, functions).read(*file); !read)
    return std::unexpected(read.error());
  return path;
}

std::string usual_data_directory() {
  std::error_code error;
  if (!fs::exists(kSettingsFile, error)) return kDefaultDataDirectory;
  const auto file = load(kSettingsFile);
  if (!file) return kDefaultDataDirectory;
  for (const TomlEntry& entry : file->members) {
    if (entry.key == "data" && entry.value.kind == Kind::kText) return entry.value.text;
  }
  return kDefaultDataDirectory;
}

}  // namespace weft::cli
