#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "integrations/lambda/function_config.h"

// weft.toml: a file that holds flags (docs/reference/weft-toml.md). Its keys are the long names of
// the flags of `weft run` and `weft serve`; what a key's value may be follows from how its flag was
// added, so a new flag is a key without a second list.

namespace weft::cli {

inline constexpr const char* kSettingsFile = "weft.toml";
// Names by which the validators of app_flags.h tell what an option holds.
inline constexpr const char* kWholeNumberName = "whole number";
inline constexpr const char* kSizeName = "size";

// What the value of a key is.
enum class SettingKind : uint8_t {
  kSwitch,      // true or false
  kNumber,      // a whole number
  kSize,        // bytes: a whole number, or a text such as "64MiB"
  kText,        // a text
  kPath,        // a text: relative to the file
  kJson,        // a text as the flag takes it, or a table
  kTexts,       // a list of texts, or one
  kValues,      // a list of `NAME=VALUE` or `@FILE`, one, or a table of texts by name
  kFiles,       // a list of `FILE` or `NAME=FILE`, one, or a table of files by name
  kNamedFiles,  // a table of files by name
  kFunctions,   // a table of functions by name
};

struct Setting {
  std::string key;  // the flag without its dashes
  SettingKind kind = SettingKind::kText;
  std::string value;          // the flag's, as --help has it; "" of a switch
  std::string default_value;  // the same; "" when it has none
};

// All of them, by key.
std::vector<Setting> settings_of(const CLI::App& app);

// Gives `command` (one that has --config; others are left alone), as it was parsed, what the file
// holds and the command line does not. The file is that of --config; else weft.toml beside the
// definition, else here. Lists on the command line take the place of the file's; where values have
// names, those of the same name do. Functions are not options: they are appended to `functions`.
//
// Returns the file's path, "" when there is none. kInvalidArgument: `FILE:LINE:COLUMN: key = value:
// what was expected`.
base::Result<std::string> apply_settings(const CLI::App& app, CLI::App& command,
                                         std::vector<lambda::FunctionConfig>& functions);

// The data directory of a command typed here without --data: what ./weft.toml says, or the default.
std::string usual_data_directory();

}  // namespace weft::cli
