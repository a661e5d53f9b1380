#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "jsonata/context.h"

namespace weft::jsonata {

// The types of a function's parameters, `<s-nn?:s>` (JSONata documentation, "Function signature
// syntax").
struct Signature {
  struct Parameter {
    uint16_t mask = 0;      // letters it takes, one bit each
    bool is_array = false;  // type a: scalars are wrapped
    bool context = false;   // `-`: the context stands in
    bool optional = false;  // `?` or `-`
    bool repeated = false;  // `+`
    char subtype = 0;       // of `a<..>`
  };
  std::vector<Parameter> parameters;
  bool repeats = false;  // some parameter is repeated

  // The compiled form of `text`; nullptr with `code` (S0401, S0402) and `offset` set when it is
  // malformed.
  static std::shared_ptr<const Signature> parse(std::string_view text, const char*& code,
                                                size_t& offset);

  // Most arguments validate() can produce beyond those given.
  static constexpr size_t kMaxParameters = 8;

  // Checks `count` arguments and writes those the function gets into `out` (room for count +
  // kMaxParameters, which is filled up with undefined). Returns how many; on a mismatch the
  // context's failure is set (T0410, T0411, T0412).
  size_t validate(Context& context, const Value* arguments, size_t count, Value input,
                  Value* out) const;

 private:
  bool match_plainly(const uint16_t* letters, size_t count, uint32_t* taken) const;
  bool match(const uint16_t* letters, size_t count, size_t parameter, size_t parameters_end,
             size_t at, bool whole, uint32_t* taken, size_t& end) const;
  size_t mismatch(Context& context, const Value* arguments, const uint16_t* letters,
                  size_t count) const;
};

}  // namespace weft::jsonata
