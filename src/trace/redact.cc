#include "trace/redact.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include <fmt/format.h>

#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"
#include "trace/redact_text.h"

namespace weft::trace {
namespace {

using base::ErrorCode;
using base::fail;
using json::Value;

constexpr std::string_view kHidden = "\"[redacted]\"";
constexpr int kStringsInStringsMax = 4;

// The one table of names, which docs/reference/cli.md ("Payloads") repeats. Parts of names,
// normalised.
constexpr std::array<std::string_view, 20> kSecretKeys = {
    "password",      "passwd",           "passphrase",    "secret",     "token",
    "authorization", "apikey",           "accesskey",     "privatekey", "credential",
    "cookie",        "sessionid",        "signingkey",    "pincode",    "cvv",
    "clientsecret",  "connectionstring", "xamzsignature", "accountkey", "socialsecurity"};
// Words of names: "pwd", as of ADO.NET; "sig", as of Azure's shared access signatures; "pin" and
// "ssn", which identify people to banks and authorities.
constexpr std::array<std::string_view, 6> kSecretWords = {"pwd", "pass", "sig", "pw", "pin", "ssn"};

// How values begin that are credentials, whatever their name.
constexpr std::array<std::string_view, 3> kSecretValues = {"Bearer ", "Basic ", "-----BEGIN "};

base::Result<std::vector<Redactor::Step>> parse_path(std::string_view text) {
  const auto wrong = [&](size_t at) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("path {}: cannot be read from character {} on: expected a path such as "
                            "$.items[*].card or $['a b'][0]",
                            text, at + 1));
  };
  if (!text.starts_with('$')) return wrong(0);
  std::vector<Redactor::Step> steps;
  for (size_t at = 1; at < text.size();) {
    const bool dot = text[at] == '.';
    const bool quoted = text.substr(at).starts_with("['");
    if (!dot && text[at] != '[') return wrong(at);
    const size_t start = at + (quoted ? 2 : 1);
    const size_t end = dot      ? std::min(text.find_first_of(".[", start), text.size())
                       : quoted ? text.find("']", start)
                                : text.find(']', start);
    if (end == std::string_view::npos || end == start) return wrong(at);
    const std::string_view inside = text.substr(start, end - start);
    Redactor::Step& step = steps.emplace_back();
    step.any = !quoted && inside == "*";
    step.item = !dot && !quoted;
    if (!step.any && step.item) {
      const auto [rest, error] =
          std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
      if (error != std::errc() || rest != inside.data() + inside.size()) return wrong(start);
    } else {
      step.name = inside;
    }
    at = end + (dot ? 0 : quoted ? 2 : 1);
  }
  if (steps.empty()) return wrong(1);
  return steps;
}

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, SecretNames::normalised(name)) != names.end();
}

// Writes a value, hiding on the way. `paths` are what is left of those that lead here.
class Writer {
 public:
  using Steps = std::vector<Redactor::Step>;
  struct Rest {
    const Steps* path;
    size_t next;
  };

  Writer(const SecretNames& names, bool secrets, std::string& out)
      : names_(names), secrets_(secrets), out_(out) {}

  void write(Value value, const std::vector<Rest>& paths) {
    if (std::ranges::any_of(paths,
                            [](const Rest& rest) { return rest.next == rest.path->size(); })) {
      hide();
    } else if (value.is_object()) {
      write_object(value, paths);
    } else if (value.is_array()) {
      write_array(value, paths);
    } else if (value.is_string()) {
      write_string(value.as_string());
    } else {
      json::write(value, out_);
    }
  }

  bool hidden() const { return hidden_; }

 private:
  void hide() {
    out_ += kHidden;
    hidden_ = true;
  }

  // Whether a member of `object` names what its value is, and names a secret.
  bool names_a_secret(Value object) const {
    for (size_t i = 0; i < object.size(); ++i) {
      const Value member = object.member(i);
      if (member.is_string() && is_one_of(object.key(i), kNameMembers) &&
          names_.in(member.as_string()))
        return true;
    }
    return false;
  }

  void write_object(Value object, const std::vector<Rest>& paths) {
    const bool named = names_a_secret(object);
    out_ += '{';
    for (size_t i = 0; i < object.size(); ++i) {
      const std::string_view name = object.key(i);
      const Value member = object.member(i);
      if (i > 0) out_ += ',';
      json::write_string(name, out_);
      out_ += ':';
      const bool empty = member.is_null() || member.is_bool();
      if (!empty && (names_.in(name) || (named && is_one_of(name, kValueMembers)))) {
        hide();
        continue;
      }
      std::vector<Rest> below;
      for (const Rest& rest : paths) {
        const Redactor::Step& step = (*rest.path)[rest.next];
        if (step.any || (!step.item && step.name == name)) {
          below.push_back({rest.path, rest.next + 1});
        }
      }
      if (below.empty() && member.is_array() && SecretNames::normalised(name) == "rawheaders") {
        write_by_turns(member);
        continue;
      }
      write(member, below);
    }
    out_ += '}';
  }

  // Whether all are pairs of a name and a value: [["name","value"]], as of a Map's entries.
  static bool are_pairs(Value array) {
    for (size_t i = 0; i < array.size(); ++i) {
      const Value item = array.item(i);
      if (!item.is_array() || item.size() != 2 || !item.item(0).is_string()) return false;
    }
    return true;
  }

  // Writes the value behind `name`, unless it is a secret's: then false.
  bool hide_named(std::string_view name, Value value) {
    if (value.is_null() || value.is_bool() || !names_.in(name)) return false;
    hide();
    return true;
  }

  // Names and values by turns, as of Node's rawHeaders.
  void write_by_turns(Value array) {
    out_ += '[';
    for (size_t i = 0; i < array.size(); ++i) {
      if (i > 0) out_ += ',';
      const bool named = i % 2 == 1 && array.item(i - 1).is_string();
      if (!named || !hide_named(array.item(i - 1).as_string(), array.item(i)))
        write(array.item(i), {});
    }
    out_ += ']';
  }

  void write_array(Value array, const std::vector<Rest>& paths) {
    const bool pairs = are_pairs(array);
    out_ += '[';
    for (size_t i = 0; i < array.size(); ++i) {
      if (i > 0) out_ += ',';
      if (pairs && names_.in(array.item(i).item(0).as_string())) {
        write_by_turns(array.item(i));
        continue;
      }
      std::vector<Rest> below;
      for (const Rest& rest : paths) {
        const Redactor::Step& step = (*rest.path)[rest.next];
        if (step.any || (step.item && step.index == i)) below.push_back({rest.path, rest.next + 1});
      }
      write(array.item(i), below);
    }
    out_ += ']';
  }

  void write_string(std::string_view text) {
    for (const std::string_view secret : kSecretValues) {
      if (secrets_ && text.starts_with(secret)) {
        hide();
        return;
      }
    }
    if ((text.starts_with('{') || text.starts_with('[')) && depth_ < kStringsInStringsMax) {
      json::Arena arena;
      if (const auto inside = json::parse(text, arena)) {
        std::string clean;
        Writer writer(names_, secrets_, clean);
        writer.depth_ = depth_ + 1;
        writer.write(*inside, {});
        hidden_ = hidden_ || writer.hidden_;
        json::write_string(clean, out_);
        return;
      }
    }
    std::string clean;
    if (hide_in_text(text, names_, secrets_, clean)) {
      hidden_ = true;
      text = clean;
    }
    json::write_string(text, out_);
  }

  const SecretNames& names_;
  bool secrets_;
  std::string& out_;
  int depth_ = 0;
  bool hidden_ = false;
};

// At most `bytes` of `text`, whole characters, and how long it was.
std::string cut_to(std::string text, size_t bytes) {
  if (text.size() <= bytes) return text;
  const size_t whole = text.size();
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  text.resize(bytes);
  return text + fmt::format("… [cut, {} bytes]", whole);
}

}  // namespace

Redactor::Redactor() : Redactor(*create({})) {}

base::Result<Redactor> Redactor::create(const RedactionRules& rules) {
  Redactor redactor(Empty{});
  if (rules.secrets) {
    redactor.names_.parts.assign(kSecretKeys.begin(), kSecretKeys.end());
    redactor.names_.words.assign(kSecretWords.begin(), kSecretWords.end());
  }
  for (const std::string& key : rules.keys) {
    std::string name = SecretNames::normalised(key);
    if (name.empty()) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        fmt::format("'{}': expected letters or digits that names have in them, or "
                                    "a path that begins with $",
                                    key));
    }
    redactor.names_.parts.push_back(std::move(name));
  }
  for (const std::string& path : rules.paths) {
    auto steps = parse_path(path);
    if (!steps) return std::unexpected(steps.error());
    redactor.paths_.push_back(std::move(*steps));
  }
  redactor.secrets_ = rules.secrets;
  redactor.bytes_max_ = rules.bytes_max;
  return redactor;
}

bool Redactor::hides(std::string_view name) const { return names_.in(name); }

std::string Redactor::apply(std::string_view payload) const {
  if (bytes_max_ == 0) return {};
  json::Arena arena;
  const auto value = json::parse(payload, arena);
  if (!value) return fmt::format("[{} bytes that are no JSON]", payload.size());
  std::vector<Writer::Rest> paths;
  for (const auto& path : paths_) paths.push_back({&path, 0});
  std::string out;
  Writer(names_, secrets_, out).write(*value, paths);
  return cut_to(std::move(out), bytes_max_);
}

std::string Redactor::hide(std::string_view text, bool by_paths) const {
  std::string out;
  // A scalar is a text as any other.
  const size_t first = text.find_first_not_of(" \t\r\n");
  const char begin = first == std::string_view::npos ? ' ' : text[first];
  if (begin == '{' || begin == '[' || (by_paths && begin == '"')) {
    json::Arena arena;
    if (const auto value = json::parse(text, arena)) {
      std::vector<Writer::Rest> paths;
      for (const auto& path : paths_) {
        if (by_paths) paths.push_back({&path, 0});
      }
      Writer writer(names_, secrets_, out);
      writer.write(*value, paths);
      return writer.hidden() ? out : std::string(text);
    }
  }
  return hide_in_text(text, names_, secrets_, out) ? out : std::string(text);
}

std::string Redactor::uncut(std::string_view payload) const { return hide(payload, true); }

std::string Redactor::clean(std::string_view text) const { return hide(text, false); }

}  // namespace weft::trace
