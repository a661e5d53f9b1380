#include "cli/data_directory.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "cli/settings.h"
#include "net/client.h"
#include "net/url.h"
#include "server/data_directory.h"
#include "server/options.h"
#include "store/paged.h"
#include "terminal/shell_word.h"

namespace weft::cli {

using base::ErrorCode;
using base::fail;

namespace {

constexpr size_t kAnswerBytesMax = size_t{512} << 20;  // a page of one value

// Reads the store of a running server, which wants the token of its data directory for that.
class StoreOfServer {
 public:
  explicit StoreOfServer(std::string origin) : origin_(std::move(origin)) {}

  base::Result<std::string> ask(const store::PageQuestion& question) {
    auto answer = request(question);
    if (answer && answer->status == 401 && find_token(*answer)) answer = request(question);
    if (!answer) return std::unexpected(answer.error());
    if (answer->status == 200) return std::move(answer->body);
    if (answer->status == 401) return no_token(*answer);
    return fail(
        ErrorCode::kUnavailable,
        fmt::format("{} does not answer like weft serve: status {}", origin_, answer->status));
  }

 private:
  base::Result<net::Response> request(const store::PageQuestion& question) {
    net::ClientRequest asked{
        .url = fmt::format("{}/_weft/v1/store/page?family={}&from={}&to={}&reverse={}&bytes={}",
                           origin_, store::to_string(question.family),
                           net::percent_encode(question.from), net::percent_encode(question.to),
                           question.reverse ? 1 : 0, question.bytes)};
    if (!token_.empty()) asked.headers.set("Authorization", "Bearer " + token_);
    return client_.request(std::move(asked));
  }
  static std::string directory_of(const net::Response& refusal) {
    return net::percent_decode(refusal.headers.get("Weft-Data-Directory")).value_or("");
  }
  // From the environment, else from where the server says that it lies: only what has the form of
  // a token is ever sent. Once.
  bool find_token(const net::Response& refusal) {
    if (!token_.empty()) return false;
    const char* given = std::getenv("WEFT_TOKEN");
    token_ = given != nullptr ? given : server::read_data_directory_token(directory_of(refusal));
    return !token_.empty();
  }
  std::unexpected<base::Error> no_token(const net::Response& refusal) const {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} wants the token of its data directory: set WEFT_TOKEN to what the "
                            "file {}/token holds there",
                            origin_, directory_of(refusal)));
  }

  const std::string origin_;
  net::HttpClient client_{net::ClientLimits{.connect_timeout = kServerConnect,
                                            .request_timeout = kServerAnswer,
                                            .response_bytes = kAnswerBytesMax}};
  std::string token_;
};

}  // namespace

base::Result<void> check_holds_executions(const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(server::store_directory(path), error)) return {};
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format(
          "{} holds no executions: name the directory of `weft run` or `weft serve` with --data",
          path));
}

base::Result<DataDirectory> open_data_directory(const std::string& path) {
  if (auto holds = check_holds_executions(path); !holds) return std::unexpected(holds.error());
  auto store = store::open_rocksdb({.directory = server::store_directory(path), .read_only = true});
  if (!store) return std::unexpected(store.error());
  DataDirectory data{.store = std::move(*store)};
  data.query =
      std::make_unique<reading::Query>(*data.store, arn::Home{}, server::derived_directory(path));
  return data;
}

bool is_nested(const reading::Query& query, history::ExecutionKey key) {
  const auto record = query.execution_record(key);
  if (!record || !record->imported) return record && !record->started_by.empty();
  const auto outer = query.imported_outer(record->arn);
  return outer && *outer;
}

base::Result<DataDirectory> open_data(const DataFlags& flags) {
  if (flags.endpoint.empty()) return open_data_directory(flags.directory);
  auto url = net::Url::parse(flags.endpoint);
  if (!url) return fail(url.error().code, "--endpoint: " + url.error().message);
  const auto other = std::make_shared<StoreOfServer>(url->origin());
  DataDirectory data{.store = store::open_paged([other](const store::PageQuestion& question) {
                       return other->ask(question);
                     }),
                     .query = {},
                     .changes = true};
  const auto format = data.store->get(store::Family::kMeta, store::kFormatKey);
  if (!format) return std::unexpected(format.error());
  if (!*format || !store::reads_format(**format)) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} stores what this version of Weft cannot read", url->origin()));
  }
  data.query = std::make_unique<reading::Query>(*data.store, arn::Home{});
  return data;
}

base::Result<std::string> resolve_arn(const reading::Query& query, const std::string& text) {
  if (text.starts_with("arn:")) return text;
  const bool latest = text == "latest";
  const bool like_own_child = query.child_names().parse(arn::before_uuid(text)).has_value();
  if (like_own_child) {
    auto child = query.child_called(text);
    if (!child) return std::unexpected(child.error());
    if (*child) return std::move(**child);
  }
  std::string token;
  do {
    auto page = query.executions("", std::nullopt, latest ? 100 : 1000, token);
    if (!page) return std::unexpected(page.error());
    for (const reading::ExecutionItem& row : page->rows) {
      // Behind the name of an Express execution stands a UUID.
      const std::string_view whole = arn::execution_name_of(row.arn);
      const bool named = row.name == text || whole == text || arn::before_uuid(whole) == text;
      if (latest ? !is_nested(query, row.key) : named) return row.arn;
    }
    token = page->next_token;
  } while (!token.empty());
  if (!latest && !like_own_child) {
    auto child = query.child_called(text);
    if (!child) return std::unexpected(child.error());
    if (*child) return std::move(**child);
  }
  return fail(ErrorCode::kInvalidArgument, latest
                                               ? "There is no execution yet"
                                               : fmt::format("No execution is called '{}'", text));
}

std::string unattended_note(const DataFlags& flags) {
  if (!flags.endpoint.empty()) return {};
  if (server::writer_of(flags.directory) != 0) return {};
  return fmt::format(
      "No weft works on {}: what is RUNNING goes on with weft run --resume{}, or with "
      "weft serve",
      flags.directory, where_text(flags));
}

std::string where_text(const DataFlags& flags) {
  if (!flags.endpoint.empty()) return " --endpoint " + terminal::shell_word(flags.endpoint);
  return where_text(flags.directory);
}

std::string where_text(const std::string& directory) {
  if (directory == usual_data_directory()) return {};
  return " --data " + terminal::shell_word(directory);
}

}  // namespace weft::cli
