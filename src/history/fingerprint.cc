#include <algorithm>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/hash.h"
#include "history/error_message.h"
#include "history/rows.h"

namespace weft::history {
namespace {

using base::is_digit;
using base::is_lower;

// The text of a string member of a JSON object, as it stands there; nothing when it has none.
std::optional<std::string_view> member_of(std::string_view object, std::string_view quoted_name) {
  size_t at = object.find(quoted_name);
  if (at == std::string_view::npos) return std::nullopt;
  at = object.find_first_not_of(' ', at + quoted_name.size());
  if (at >= object.size() || object[at] != '"') return std::nullopt;
  size_t end = ++at;
  while (end < object.size() && object[end] != '"') end += object[end] == '\\' ? 2 : 1;
  return object.substr(at, std::min(end, object.size()) - at);
}

// The failure that a failed nested execution's description tells of (AWS Step Functions developer
// guide, "Start workflow executions from a task state").
struct Failure {
  std::string error;
  std::string cause;
};
std::optional<Failure> nested_failure(std::string_view cause) {
  const bool described = cause.starts_with("{\"Cause\":") || cause.starts_with("{\"Error\":");
  if (!described || cause.find("\"ExecutionArn\":") == std::string_view::npos) return std::nullopt;
  Failure failure;
  if (const auto error = member_of(cause, "\"Error\":")) failure.error = *error;
  // One level of escapes goes, so that what is in it can be read in turn.
  const std::string_view inner = member_of(cause, "{\"Cause\":").value_or("");
  for (size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == '\\' && i + 1 < inner.size()) ++i;
    failure.cause += inner[i];
  }
  return failure;
}

bool is_word(char c) {
  return base::is_letter_or_digit(c) || c == '_' || c == '-' || static_cast<uint8_t>(c) >= 0x80;
}

class Hash {
 public:
  void add(char c) { value_ = base::fnv32_step(value_, static_cast<uint8_t>(c)); }
  void add(std::string_view text) {
    for (char c : text) add(c);
  }
  uint32_t value() const { return value_ == 0 ? 1 : value_; }

 private:
  uint32_t value_ = base::kFnv32Basis;
};

bool joins_parts(char c) { return c == '/' || c == '\\' || c == '.' || c == ':' || c == '@'; }

// The end of the word at `at` and of what hangs on it without a blank: "s3://b/k.jpg",
// "a.b.com:80".
size_t end_of_token(std::string_view text, size_t at) {
  while (at < text.size()) {
    if (is_word(text[at])) {
      ++at;
      continue;
    }
    size_t next = at;
    while (next < text.size() && joins_parts(text[next])) ++next;
    if (next == at || next == text.size() || !is_word(text[next])) break;
    at = next;
  }
  return at;
}

// A path, an address, a host or the name of a file: "/var/data/x", "photos/a b" up to the blank,
// "db.example.com", "IMG.jpeg". Names of classes ("java.io.IOException") are none.
bool names_a_place(std::string_view token) {
  if (token.find_first_of("/\\@") != std::string_view::npos) return true;
  const size_t dot = token.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view ending = token.substr(dot + 1, token.find(':', dot) - dot - 1);
  return ending.size() >= 2 && ending.size() <= 8 && std::ranges::all_of(ending, is_lower);
}

// Words with a digit in them (numbers, ids, versions), paths, hosts and file names, and quoted
// values become one mark each.
void add_blanked(std::string_view text, Hash& hash) {
  for (size_t i = 0; i < text.size();) {
    char c = text[i];
    bool opens = (c == '\'' || c == '"' || c == '`') && (i == 0 || !is_word(text[i - 1]));
    size_t close = opens ? text.find(c, i + 1) : std::string_view::npos;
    if (close != std::string_view::npos) {
      hash.add('"');
      i = close + 1;
    } else if (is_word(c) ||
               ((c == '/' || c == '\\') && i + 1 < text.size() && is_word(text[i + 1]))) {
      const size_t end = end_of_token(text, is_word(c) ? i : i + 1);
      const std::string_view token = text.substr(i, end - i);
      const bool varies = names_a_place(token) || std::ranges::any_of(token, is_digit);
      hash.add(varies ? std::string_view("#") : token);
      i = end;
    } else {
      hash.add(c);
      ++i;
    }
  }
}

}  // namespace

uint32_t error_fingerprint(std::string_view error, std::string_view cause) {
  constexpr size_t kCauseCharsRead = 512;
  Hash hash;
  hash.add(error);
  hash.add('\n');
  // What made a nested execution fail tells its failures apart; each is shorter than the one
  // around.
  std::string inner(cause.starts_with('{') ? cause : "");
  while (const auto nested = nested_failure(inner)) {
    hash.add(nested->error);
    hash.add('\n');
    inner = nested->cause;
    cause = inner;
  }
  // Of a function's failure the message alone tells it apart: the trace holds addresses and request
  // ids.
  const auto message = error_message(cause);
  add_blanked((message ? std::string_view(*message) : cause).substr(0, kCauseCharsRead), hash);
  return hash.value();
}

}  // namespace weft::history
