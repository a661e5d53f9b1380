#include "jsonata/date_picture.h"

#include <cmath>

#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

// The presentation a component has when none is written; nullptr for unknown components.
const char* default_presentation(char component) {
  switch (component) {
    case 'Y':
    case 'M':
    case 'D':
    case 'd':
    case 'W':
    case 'w':
    case 'X':
    case 'x':
    case 'H':
    case 'h':
    case 'f':
      return "1";
    case 'F':
    case 'P':
    case 'C':
    case 'E':
      return "n";
    case 'm':
    case 's':
      return "01";
    case 'Z':
    case 'z':
      return "01:01";
    default:
      return nullptr;
  }
}

std::optional<size_t> width_of(std::string_view text) {
  if (text.empty() || text == "*") return std::nullopt;
  size_t width = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    width = std::min<size_t>(width * 10 + static_cast<size_t>(c - '0'), 1000);
  }
  return width;
}

class PictureReader {
 public:
  PictureReader(Context& context, std::string_view text) : context_(context), text_(text) {}

  std::optional<DatePicture> run() {
    size_t start = 0;
    size_t at = 0;
    while (at < text_.size()) {
      if (text_[at] != '[') {
        ++at;
        continue;
      }
      literal(start, at);
      if (at + 1 < text_.size() && text_[at + 1] == '[') {
        add_literal("[");
        start = at += 2;
        continue;
      }
      const size_t close = text_.find(']', at);
      if (close == std::string_view::npos) {
        context_.fail("D3135");
        return std::nullopt;
      }
      if (!marker(text_.substr(at + 1, close - at - 1))) return std::nullopt;
      start = at = close + 1;
    }
    literal(start, at);
    return std::move(picture_);
  }

 private:
  void add_literal(std::string text) {
    DatePicture::Part part;
    part.literal = std::move(text);
    picture_.parts.push_back(std::move(part));
  }

  void literal(size_t from, size_t to) {
    if (to <= from) return;
    std::string text(text_.substr(from, to - from));
    for (size_t at = text.find("]]"); at != std::string::npos; at = text.find("]]", at + 1))
      text.erase(at, 1);
    add_literal(std::move(text));
  }

  bool marker(std::string_view raw) {
    std::string text;
    for (const char c : raw) {
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') text += c;
    }
    DatePicture::Part part;
    part.component = text.empty() ? '\0' : text[0];
    std::optional<size_t> width_min;
    std::string modifier = text.empty() ? std::string() : text.substr(1);
    const size_t comma = text.rfind(',');
    if (comma != std::string::npos && comma > 0) {
      const std::string width = text.substr(comma + 1);
      const size_t dash = width.find('-');
      width_min = width_of(width.substr(0, dash));
      if (dash != std::string::npos) part.width_max = width_of(width.substr(dash + 1));
      modifier = text.substr(1, comma - 1);
    }
    if (!presentation(modifier, part)) return false;
    if (part.presentation[0] == 'n') {
      part.names = DatePicture::Names::kLower;
    } else if (part.presentation[0] == 'N') {
      const bool title = part.presentation.size() > 1 && part.presentation[1] == 'n';
      part.names = title ? DatePicture::Names::kTitle : DatePicture::Names::kUpper;
    } else if (std::string_view("YMDdFWwXxHhmsf").find(part.component) != std::string_view::npos) {
      if (!number(part, width_min)) return false;
    }
    if (part.component == 'Z' || part.component == 'z') {
      part.integer = IntegerPicture::parse(context_, part.presentation);
      if (!part.integer) return false;
    }
    picture_.parts.push_back(std::move(part));
    return true;
  }

  bool presentation(const std::string& modifier, DatePicture::Part& part) {
    if (modifier.size() > 1 &&
        std::string_view("atco").find(modifier.back()) != std::string_view::npos) {
      part.second = modifier.back();
      part.presentation = modifier.substr(0, modifier.size() - 1);
    } else if (!modifier.empty()) {
      part.presentation = modifier;
    }
    const char* otherwise = default_presentation(part.component);
    if (part.presentation.empty() && otherwise != nullptr) part.presentation = otherwise;
    if (!part.presentation.empty() && (otherwise != nullptr || !modifier.empty())) {
      if (otherwise != nullptr) return true;
    }
    const std::string component =
        part.component == '\0' ? std::string() : std::string(1, part.component);
    context_.fail_value("D3132", make_string(context_, component));
    return false;
  }

  bool number(DatePicture::Part& part, std::optional<size_t> width_min) {
    std::string pattern = part.presentation;
    if (part.second != 0) pattern += std::string(";") + part.second;
    part.integer = IntegerPicture::parse(context_, pattern);
    if (!part.integer) return false;
    IntegerPicture& integer = *part.integer;
    if (width_min && integer.mandatory_digits < *width_min) integer.mandatory_digits = *width_min;
    if (std::string_view("YMD").find(part.component) != std::string_view::npos) {
      if (part.width_max) {
        part.year_digits = static_cast<int>(*part.width_max);
        integer.mandatory_digits = *part.width_max;
      } else if (integer.mandatory_digits + integer.optional_digits >= 2) {
        part.year_digits = static_cast<int>(integer.mandatory_digits + integer.optional_digits);
      }
    }
    // Two numbers side by side can only be told apart when the first has an exact width.
    if (!picture_.parts.empty() && picture_.parts.back().integer) {
      picture_.parts.back().integer->parse_width = picture_.parts.back().integer->mandatory_digits;
    }
    return true;
  }

  Context& context_;
  std::string_view text_;
  DatePicture picture_;
};

}  // namespace

std::optional<DatePicture> DatePicture::parse(Context& context, std::string_view text) {
  if (!context.may_read_picture(text)) return std::nullopt;
  return PictureReader(context, text).run();
}

}  // namespace weft::jsonata
