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

bool is_nested(const runtime::Query& query, history::ExecutionKey key) {
  const auto record = query.execution_record(key);
  return record && !record->started_by.empty();
}

base::Result<std::string> resolve_arn(const runtime::Query& query, const std::string& text) {
  if (text.starts_with("arn:")) return text;
  if (const auto child = query.child_names().parse(text)) {
    if (const auto run = query.map_run(child->run)) return query.child_arn(*run, child->index);
  }
  const bool latest = text == "latest";
  std::string token;
  do {
    auto page = query.executions("", std::nullopt, latest ? 100 : 1000, token);
    if (!page) return std::unexpected(page.error());
    for (const runtime::ExecutionItem& row : page->rows) {
      if (latest ? !is_nested(query, row.key) : row.name == text) return row.arn;
    }
    token = page->next_token;
  } while (!token.empty());
  return fail(ErrorCode::kInvalidArgument, latest
                                               ? "There is no execution yet"
                                               : fmt::format("No execution is called '{}'", text));
}

}  // namespace weft::cli
