#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "trace/secret_names.h"

namespace weft::trace {

// Stands for what is hidden.
inline constexpr std::string_view kRedacted = "[redacted]";

// What a payload may show. A plain value.
struct RedactionRules {
  // Hides what the names of secrets have: see kSecretKeys in redact.cc.
  bool secrets = true;
  // Members whose name contains this; case, "_", "-", " " and "." do not count.
  std::vector<std::string> keys;
  // Values at these paths: "$.customer.email", "$.items[*].card", "$.a['b c'][0]". What lies below
  // is hidden too.
  std::vector<std::string> paths;
  // Longer payloads are cut between two characters, after hiding; 0: no payloads at all.
  size_t bytes_max = 2'048;
};

// Makes payloads (input and output of executions, states and children) and texts (log lines, causes
// of errors, what functions' spans say) fit to be shown. What is stored keeps the truth; this is
// applied whenever somebody looks or something is sent away. Immutable; any thread.
class Redactor {
 public:
  // The default rules.
  Redactor();
  // kInvalidArgument names the path that cannot be read.
  static base::Result<Redactor> create(const RedactionRules& rules);

  // `payload` (JSON text) with "[redacted]" for each hidden value, cut when it is too long.
  // JSON inside of strings is looked
  // through, too; strings that are credentials ("Bearer ...", private keys) are hidden wherever
  // they stand; other strings are looked through as clean() does. Of text that is no JSON only its
  // size is told.
  std::string apply(std::string_view payload) const;
  // The same as a whole, even where payloads are not to be shown, and byte for byte when nothing is
  // hidden; text that is no JSON as clean() shows it.
  std::string uncut(std::string_view payload) const;

  // A text as a whole: one that is JSON is hidden in by the names of members, others as
  // hide_in_text() (redact_text.h) says; byte for byte the same when it holds no secret. Takes time
  // in proportion to its length.
  std::string clean(std::string_view text) const;

  // Whether a value called `name` is hidden, as that of an attribute of a span.
  bool hides(std::string_view name) const;

  // Whether it hides what is a secret by its form, whatever its name.
  bool hides_credentials() const { return secrets_; }

  bool shows_payloads() const { return bytes_max_ > 0; }
  // The same with another size for payloads, where they are shown at all.
  Redactor sized(size_t bytes_max) const {
    Redactor other = *this;
    if (bytes_max_ > 0) other.bytes_max_ = bytes_max;
    return other;
  }

  // One step of a path.
  struct Step {
    std::string name;  // of a member
    size_t index = 0;  // of an item, when `item`
    bool item = false;
    bool any = false;  // each member or item
  };

 private:
  struct Empty {};
  explicit Redactor(Empty) {}

  std::string hide(std::string_view payload, bool by_paths) const;

  SecretNames names_;
  std::vector<std::vector<Step>> paths_;
  bool secrets_ = true;
  size_t bytes_max_ = 0;
};

}  // namespace weft::trace
