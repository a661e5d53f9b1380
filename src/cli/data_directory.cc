#include "cli/data_directory.h"

#include <filesystem>

#include <fmt/format.h>

#include "server/options.h"

namespace weft::cli {

using base::ErrorCode;
using base::fail;

base::Result<DataDirectory> open_data_directory(const std::string& path) {
  std::error_code error;
  const std::string directory = server::store_directory(path);
  if (!std::filesystem::exists(directory, error)) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "{} holds no executions: name the directory of `weft run` or `weft serve` with --data",
            path));
  }
  auto store = store::open_rocksdb({.directory = directory, .read_only = true});
  if (!store) return std::unexpected(store.error());
  DataDirectory data{.store = std::move(*store)};
  data.query = std::make_unique<runtime::Query>(*data.store, runtime::Identity{});
  return data;
}

base::Result<std::string> resolve_arn(const runtime::Query& query, const std::string& text) {
  if (text != "latest") return text;
  auto newest = query.executions("", std::nullopt, 1, "");
  if (!newest) return std::unexpected(newest.error());
  if (newest->rows.empty()) return fail(ErrorCode::kInvalidArgument, "There is no execution yet");
  return newest->rows.front().arn;
}

}  // namespace weft::cli
