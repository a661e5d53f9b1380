#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "exports/destination.h"
#include "integrations/integration.h"
#include "integrations/lambda/function_config.h"
#include "records/kept_detail.h"
#include "store/store.h"
#include "trace/redact.h"

namespace weft::server {

// `--bucket NAME=DIR` or `--bucket NAME=URL`.
struct BucketFlag {
  std::string name;
  std::string directory;
  std::string url = {};  // of a bucket that lies on another S3 server, instead of `directory`
};

// Everything a Weft process is told when it starts. A plain value.
struct ServeOptions {
  // Holds `store/` (executions), `logs/` (what functions print) and `buckets/` (what is being sent
  // to buckets, not the objects). Created when absent.
  std::string data_directory;
  store::Durability durability = store::Durability::kFsync;
  bool accept_data_loss = false;  // go on with what is left of a damaged store
  // Told of what the store goes without then. May be empty.
  std::function<void(const std::string&)> warn;
  // Told why the store could not be closed cleanly. May be empty.
  std::function<void(const std::string&)> not_closed;
  bool reads_on_when_damaged = false;  // running::HostOptions
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0 = any free one
  // Further ports for Datadog's agent API and OTLP/HTTP, which the one port answers too, and one
  // for DogStatsD (UDP).
  std::optional<uint16_t> agent_port;
  std::optional<uint16_t> otlp_port;
  std::optional<uint16_t> statsd_port;
  uint64_t detail_budget = records::kDetailBudget;  // children a Map Run; 0 = all
  uint64_t detail_bytes = 0;                        // of their spans; 0 = any
  std::vector<BucketFlag> buckets;
  std::string buckets_home;     // a directory whose subfolders are buckets; "" = none
  std::string s3_endpoint;      // the S3 server of every other bucket that is read from; "" = none
  std::string parquet_library;  // DuckDB's, to read Parquet files; "" = where it usually is
  std::vector<lambda::FunctionConfig> functions;
  integrations::FlagValues integration_flags;
  trace::RedactionRules redaction;  // valid; of payloads that the query API shows
  std::vector<exports::Destination> pushes;
  std::vector<std::string> allowed_origins;  // of net::parse_origin(): whose pages may ask
};

// Parses `NAME=DIR` or `NAME=URL`. kInvalidArgument names what is wrong.
base::Result<BucketFlag> parse_bucket_flag(std::string_view text);

// `ADDRESS:PORT`, `[::1]:PORT` or `PORT` alone (loopback) into address and port.
base::Result<void> parse_listen_flag(std::string_view text, ServeOptions& options);
// Whether a directory of buckets is there, or can be made because only its last part is missing: a
// path that is wrong higher up is a mistake. The message begins with `flag`.
base::Result<void> check_bucket_place(std::string_view flag, const std::string& path);
// Whether it is a directory, or can become one as far as its name tells.
base::Result<void> check_data_place(const std::string& path);

// Whether only this machine can reach `address`.
bool is_loopback(std::string_view address);

// Where the store lies in a data directory.
std::string store_directory(std::string_view data_directory);
// And where what follows from it does (reading/column_files.h).
std::string derived_directory(std::string_view data_directory);

}  // namespace weft::server
