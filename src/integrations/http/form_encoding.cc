#include "integrations/http/form_encoding.h"

#include <string_view>

#include <fmt/format.h>

#include "json/write.h"
#include "net/url.h"

namespace weft::http {
namespace {

using net::percent_encode;

class Form {
 public:
  explicit Form(ArrayFormat format) : format_(format) {}
  std::string take() { return std::move(text_); }

  void add(const std::string& name, const json::Value& value) {
    if (value.is_object()) {
      for (size_t i = 0; i < value.size(); ++i) {
        add(fmt::format("{}[{}]", name, value.key(i)), value.member(i));
      }
    } else if (value.is_array()) {
      add_items(name, value);
    } else {
      add_pair(name, percent_encode(plain_text(value)));
    }
  }

 private:
  void add_items(const std::string& name, const json::Value& array) {
    if (format_ == ArrayFormat::kCommas) {
      std::string all;
      for (size_t i = 0; i < array.size(); ++i) {
        if (i > 0) all += ',';
        all += percent_encode(plain_text(array.item(i)));
      }
      return add_pair(name, all);
    }
    for (size_t i = 0; i < array.size(); ++i) {
      switch (format_) {
        case ArrayFormat::kIndices:
          add(fmt::format("{}[{}]", name, i), array.item(i));
          break;
        case ArrayFormat::kBrackets:
          add(name + "[]", array.item(i));
          break;
        default:
          add(name, array.item(i));
      }
    }
  }

  void add_pair(std::string_view name, std::string_view encoded_value) {
    if (!text_.empty()) text_ += '&';
    text_ += percent_encode(name);
    text_ += '=';
    text_ += encoded_value;
  }

  const ArrayFormat format_;
  std::string text_;
};

}  // namespace

std::string form_encode(const json::Value& object, ArrayFormat format) {
  Form form(format);
  for (size_t i = 0; i < object.size(); ++i) form.add(std::string(object.key(i)), object.member(i));
  return form.take();
}

std::string plain_text(const json::Value& value) {
  if (value.is_string()) return std::string(value.as_string());
  return value.is_null() ? std::string() : json::to_text(value);
}

}  // namespace weft::http
