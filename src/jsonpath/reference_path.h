#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/arena.h"
#include "json/name_hash.h"
#include "json/value.h"
#include "jsonpath/failure.h"
#include "jsonpath/fault.h"

namespace weft::jsonpath {

// A path that names one place of a document, where a result can be put: `$`, `.name`, `['name']`,
// `[n]`. Immutable, safe to use from many threads at once.
class ReferencePath {
 public:
  // Refuses every other path: `$$`, variables, wildcards, filters, slices, lists, deep scans.
  static std::expected<ReferencePath, CompileError> compile(std::string_view text);

  const std::string& text() const { return text_; }
  // Whether it is `$`: what is inserted replaces the document.
  bool is_whole_document() const { return steps_.empty(); }

  // `document` with `value` at this place (ResultPath). Objects missing on the way are made; a
  // member that is there keeps its place, a new one comes last. Everything else is shared with
  // `document`; names new to it are this path's, which must outlive the value. Fault
  // States.ResultPathMatchFailure when something on the way is no object or, for an index, no array
  // long enough.
  std::expected<json::Value, Fault> insert(const json::Value& document, const json::Value& value,
                                           json::Arena& arena) const;

 private:
  struct Step {
    std::string name;
    int64_t index = -1;  // of an array; below zero: the member `name`
    uint32_t hash = 0;   // of the name
    explicit Step(std::string member, int64_t item = -1)
        : name(std::move(member)), index(item), hash(json::hash_key(name)) {}
  };
  Fault mismatch(const json::Value& document) const;

  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace weft::jsonpath
