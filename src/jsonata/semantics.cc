#include "jsonata/semantics.h"

#include <algorithm>
#include <charconv>

#include "json/equal.h"
#include "json/short_decimal.h"
#include "json/write.h"

namespace weft::jsonata {

bool truth(Context& context, const Value& value) {
  if (value.is_array() && (context.too_deep() || !context.spend())) return false;
  switch (value.kind()) {
    case json::Kind::kBool:
      return value.as_bool();
    case json::Kind::kString:
      return !value.as_string().empty();
    case json::Kind::kNumber:
      return is_numeric(context, value) && value.as_double() != 0;
    case json::Kind::kObject:
      return value.size() > 0;
    case json::Kind::kArray:
      for (size_t i = 0; i < value.size(); ++i) {
        if (truth(context, value.items()[i])) return true;
      }
      return false;
    default:
      return false;
  }
}

Value lookup(Context& context, const Value& value, std::string_view key, uint32_t hash) {
  if (value.is_object()) {
    const json::Object& object = *value.object_data();
    const uint32_t slot = object.shape->find(key, hash);
    return slot == json::Shape::kNone ? Value() : object.members[slot];
  }
  if (!value.is_array() || context.too_deep() || !context.spend()) return {};
  json::ArrayBuilder out(context.arena);
  for (size_t i = 0; i < value.size(); ++i) {
    const Value found = lookup(context, value.items()[i], key, hash);
    if (found.is_array()) {
      out.append(found.items(), found.size());
    } else if (!found.is_undefined()) {
      out.push(found);
    }
  }
  return out.finish(Value::kSequence);
}

Value append(Context& context, const Value& left, const Value& right) {
  if (left.is_undefined()) return right;
  if (right.is_undefined()) return left;
  const Value* left_items = left.is_array() ? left.items() : &left;
  const Value* right_items = right.is_array() ? right.items() : &right;
  const size_t left_count = left.is_array() ? left.size() : 1;
  const size_t right_count = right.is_array() ? right.size() : 1;
  json::ArrayBuilder out(context.arena);
  out.reserve(left_count + right_count);
  out.append(left_items, left_count);
  out.append(right_items, right_count);
  return out.finish();
}

bool deep_equal(Context& context, const Value& left, const Value& right) {
  if (!left.is_container()) return json::equal(left, right);
  const json::EqualSteps steps{[](void* owner) { return static_cast<Context*>(owner)->spend(); },
                               &context};
  return json::equal(left, right, steps);
}

int compare_strings(const Value& left, const Value& right) {
  const std::string_view a = left.as_string();
  const std::string_view b = right.as_string();
  const bool plain = left.has_flag(Value::kAscii) || right.has_flag(Value::kAscii);
  if (!plain) {
    const size_t common = std::min(a.size(), b.size());
    const size_t at = static_cast<size_t>(
        std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin()).first -
        a.begin());
    if (at < common) {
      const auto x = static_cast<unsigned char>(a[at]);
      const auto y = static_cast<unsigned char>(b[at]);
      // Four-byte characters are surrogate pairs in UTF-16: they stand before U+E000 and above.
      const auto weight = [](unsigned char lead) { return lead >= 0xF0 ? 0xED * 2 + 1 : lead * 2; };
      if (x >= 0xEE || y >= 0xEE)
        return weight(x) < weight(y) ? -1 : weight(x) > weight(y) ? 1 : (x < y ? -1 : 1);
      return x < y ? -1 : 1;
    }
  }
  const int order = a.compare(b);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

const uint32_t* member_order(Context& context, const json::Shape& shape) {
  if (!shape.has_index_keys) return nullptr;
  auto* order = context.arena.allocate_array<uint32_t>(shape.count);
  uint32_t indices = 0;
  for (uint32_t i = 0; i < shape.count; ++i) {
    if (json::is_array_index(shape.keys[i].view())) order[indices++] = i;
  }
  std::sort(order, order + indices, [&](uint32_t a, uint32_t b) {
    const std::string_view x = shape.keys[a].view();
    const std::string_view y = shape.keys[b].view();
    return x.size() != y.size() ? x.size() < y.size() : x < y;
  });
  uint32_t next = indices;
  for (uint32_t i = 0; i < shape.count; ++i) {
    if (!json::is_array_index(shape.keys[i].view())) order[next++] = i;
  }
  return order;
}

double cut_to_15_digits(double number) {
  json::ShortDecimal decimal;
  if (json::to_short_decimal(number, decimal)) return number;
  char digits[40];
  const auto [end, error] =
      std::to_chars(digits, digits + sizeof(digits), number, std::chars_format::scientific, 14);
  double rounded = 0;
  std::from_chars(digits, end, rounded);
  return rounded;
}

void write_rounded_number(const Value& value, std::string& out) {
  const double number = value.as_double();
  if (value.is_exact_int() || std::trunc(number) == number) {
    // The reference knows doubles only, Step Functions keeps the digits of whole numbers.
    json::write(value, out);
    return;
  }
  json::write_number(cut_to_15_digits(number), out);
}

namespace {

class TextWriter {
 public:
  TextWriter(Context& context, bool pretty, std::string& out)
      : context_(context), pretty_(pretty), out_(out) {}

  bool value(const Value& value) {
    if (context_.too_deep() || !context_.spend() || !context_.may_make(out_.size())) return false;
    switch (value.kind()) {
      case json::Kind::kNumber: {
        const double number = value.as_double();
        if (std::isinf(number)) {
          context_.fail_value("D1001", value);
          return false;
        }
        if (std::isnan(number)) {
          out_ += "null";
        } else {
          write_rounded_number(value, out_);
        }
        return true;
      }
      case json::Kind::kArray:
        return array(value);
      case json::Kind::kObject:
        return object(value);
      case json::Kind::kFunction:
        out_ += "\"\"";
        return true;
      case json::Kind::kUndefined:
        out_ += "null";
        return true;
      default:
        json::write(value, out_);
        return true;
    }
  }

 private:
  bool array(const Value& array) {
    out_ += '[';
    ++depth_;
    for (size_t i = 0; i < array.size(); ++i) {
      if (i > 0) out_ += ',';
      line();
      if (!value(array.items()[i])) return false;
    }
    --depth_;
    if (array.size() > 0) line();
    out_ += ']';
    return context_.may_make(out_.size());
  }

  bool object(const Value& object) {
    out_ += '{';
    ++depth_;
    bool any = false;
    const json::Shape& shape = *object.object_data()->shape;
    const uint32_t* order = member_order(context_, shape);
    for (uint32_t i = 0; i < shape.count; ++i) {
      const uint32_t slot = order == nullptr ? i : order[i];
      const Value& member = object.object_data()->members[slot];
      if (member.is_undefined()) continue;
      if (any) out_ += ',';
      any = true;
      line();
      json::write_string(shape.keys[slot].view(), out_);
      out_ += pretty_ ? ": " : ":";
      if (!value(member)) return false;
    }
    --depth_;
    if (any) line();
    out_ += '}';
    return context_.may_make(out_.size());
  }

  void line() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(static_cast<size_t>(depth_) * 2, ' ');
  }

  Context& context_;
  bool pretty_;
  std::string& out_;
  int depth_ = 0;
};

}  // namespace

bool write_value(Context& context, const Value& value, bool pretty, std::string& out) {
  return TextWriter(context, pretty, out).value(value);
}

Value make_string(Context& context, std::string_view text) {
  if (!context.may_make(text.size())) return {};
  return Value::string(text, context.arena);
}

std::string_view type_name(const Value& value) {
  switch (value.kind()) {
    case json::Kind::kUndefined:
      return "undefined";
    case json::Kind::kNull:
      return "null";
    case json::Kind::kBool:
      return "boolean";
    case json::Kind::kNumber:
      return std::isnan(value.as_double()) ? "object" : "number";
    case json::Kind::kString:
      return "string";
    case json::Kind::kArray:
      return "array";
    case json::Kind::kObject:
      return "object";
    case json::Kind::kFunction:
      return "function";
  }
  return "";
}

}  // namespace weft::jsonata
