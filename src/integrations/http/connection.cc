#include "integrations/http/connection.h"

#include <array>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/encoding.h"
#include "json/parse.h"
#include "net/client.h"

namespace weft::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using json::Value;

Result<std::string> text_at(const Value& object, std::string_view object_name,
                            std::string_view member) {
  const Value value = object.find(member);
  if (value.is_string()) return std::string(value.as_string());
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}.{} must be a string", object_name, member));
}

// [{"Key": ..., "Value": ...}]
template <typename Add>
Result<void> read_parameters(const Value& all, std::string_view member, const Add& add) {
  const Value list = all.find(member);
  for (size_t i = 0; i < list.size(); ++i) {
    const Value entry = list.is_array() ? list.item(i) : Value();
    auto key = text_at(entry, member, "Key");
    if (!key) return std::unexpected(key.error());
    auto value = text_at(entry, member, "Value");
    if (!value) return std::unexpected(value.error());
    add(std::move(*key), std::move(*value));
  }
  return {};
}

Result<void> read_credentials(std::string_view type, const Value& parameters,
                              Connection& connection) {
  if (type == "API_KEY") {
    constexpr std::string_view kMember = "ApiKeyAuthParameters";
    auto name = text_at(parameters.find(kMember), kMember, "ApiKeyName");
    if (!name) return std::unexpected(name.error());
    auto value = text_at(parameters.find(kMember), kMember, "ApiKeyValue");
    if (!value) return std::unexpected(value.error());
    connection.headers.add(*name, std::move(*value));
    return {};
  }
  if (type == "BASIC") {
    constexpr std::string_view kMember = "BasicAuthParameters";
    auto user = text_at(parameters.find(kMember), kMember, "Username");
    if (!user) return std::unexpected(user.error());
    auto password = text_at(parameters.find(kMember), kMember, "Password");
    if (!password) return std::unexpected(password.error());
    connection.headers.add("Authorization", "Basic " + base::to_base64(*user + ":" + *password));
    return {};
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("AuthorizationType is '{}': this version knows API_KEY and BASIC; for "
                          "OAuth, give the token as a header parameter Authorization",
                          type));
}

}  // namespace

Result<Connection> Connection::parse(std::string name, std::string_view text) {
  json::Arena arena;
  auto parsed = json::parse(text, arena);
  if (!parsed) return std::unexpected(parsed.error());
  Connection connection{.name = std::move(name)};
  auto type = text_at(*parsed, "connection", "AuthorizationType");
  if (!type) return std::unexpected(type.error());
  const Value parameters = parsed->find("AuthParameters");
  const Value more = parameters.find("InvocationHttpParameters");
  const auto into = [](auto& pairs) {
    return [&pairs](std::string key, std::string value) {
      pairs.emplace_back(std::move(key), std::move(value));
    };
  };
  auto read = read_credentials(*type, parameters, connection);
  if (read) read = read_parameters(more, "HeaderParameters", into(connection.headers.fields));
  if (read) read = read_parameters(more, "QueryStringParameters", into(connection.query));
  if (read) read = read_parameters(more, "BodyParameters", into(connection.body));
  if (!read) return std::unexpected(read.error());
  for (const auto& [header, value] : connection.headers.fields) {
    if (!net::is_header(header, value)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is no HTTP header, or its value no line", header));
    }
  }
  return connection;
}

Result<Connection> Connection::read_flag(std::string_view flag) {
  const size_t equals = flag.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == flag.size()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--connection {}: expected NAME=FILE, for example --connection "
                            "stripe=./stripe.json",
                            flag));
  }
  const std::string file(flag.substr(equals + 1));
  std::ifstream stream(file);
  std::stringstream text;
  if (!stream || !(text << stream.rdbuf())) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--connection {}: the file cannot be read", flag));
  }
  auto connection = parse(std::string(flag.substr(0, equals)), text.str());
  if (connection) return connection;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("--connection {}: {}", flag, connection.error().message));
}

std::string_view connection_name(std::string_view arn) {
  constexpr std::string_view kPart = ":connection/";
  const size_t at = arn.find(kPart);
  if (at == std::string_view::npos) return arn;
  arn.remove_prefix(at + kPart.size());
  return arn.substr(0, arn.find('/'));
}

}  // namespace weft::http
