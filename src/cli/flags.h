#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/data_directory.h"
#include "integrations/s3/bucket_registry.h"
#include "server/options.h"
#include "trace/redact.h"

namespace weft::cli {

// What payloads may show (trace/redact.h), as typed.
struct RedactFlags {
  std::vector<std::string> redact;  // names, or paths that begin with "$"
  bool show_secrets = false;        // hide only what `redact` names
  size_t payload_bytes = 2'048;     // 0: no payloads
};
trace::RedactionRules redaction_rules(const RedactFlags& flags);

// A template whose functions and buckets there are, for commands that run no definition of it.
struct TemplateFlags {
  std::string file;                      // "" = none
  std::vector<std::string> substitutes;  // NAME=VALUE or @FILE
};

// The flags that `weft run` and `weft serve` share, as typed.
struct RuntimeFlags {
  std::vector<std::string> buckets;
  std::string buckets_home;
  std::string s3_endpoint;
  std::string parquet_library;
  std::vector<std::string> functions;
  // Of a file of settings; one on the command line takes the place of that with the same name.
  std::vector<lambda::FunctionConfig> settings_functions;
  std::string settings_file;  // its path; "" = none
  integrations::FlagValues integrations;
  std::string data_directory = kDefaultDataDirectory;
  std::string durability = "fsync";
  bool accept_data_loss = false;
  std::string listen;
  int agent_port = -1;  // -1: none
  int otlp_port = -1;
  uint64_t detail_budget = records::kDetailBudget;
  uint64_t detail_bytes = 0;
  RedactFlags redact;
  std::vector<std::string> exports;  // KIND=WHERE
  int statsd_port = -1;
  std::vector<std::string> allow_origins;
};

// Checks and translates them. kInvalidArgument: one sentence that names the flag.
base::Result<server::ServeOptions> serve_options(const RuntimeFlags& flags);

// Says what a damaged store goes without (--accept-data-loss).
void warn_of_loss(const std::string& what);

std::set<std::string> function_names(const server::ServeOptions& options);
std::set<std::string> bucket_names(const server::ServeOptions& options);
// What lies in the directory of --buckets.
s3::HomeFolders folders_of_buckets(const server::ServeOptions& options);

}  // namespace weft::cli
