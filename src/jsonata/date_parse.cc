// $toMillis: ISO 8601 texts, and texts read by pictures.
#include <array>
#include <cmath>

#include "base/ascii.h"
#include "jsonata/calendar.h"
#include "jsonata/date_picture.h"
#include "jsonata/errors.h"
#include "jsonata/regex.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

using base::is_digit;

// Reads an ISO 8601 text from left to right.
class IsoReader {
 public:
  explicit IsoReader(std::string_view text) : text_(text) {}

  // False when the text is not of the form; `millis` is NaN for impossible dates.
  bool run(double& millis) {
    double year = 0;
    double month = 1;
    double day = 1;
    if (!number(4, year)) return false;
    if (field('-', month)) field('-', day);
    double hour = 0;
    double minute = 0;
    double second = 0;
    if (peek() == 'T') {
      ++at_;
      if (!number(2, hour) || !field(':', minute) || !field(':', second)) return false;
    }
    double fraction = 0;
    if (peek() == '.') {
      double scale = 100;
      if (!is_digit(peek(1))) return false;
      for (++at_; is_digit(peek()); ++at_, scale /= 10) {
        if (scale >= 1) fraction += (peek() - '0') * scale;
      }
    }
    double offset = 0;
    if (!zone(offset) || at_ != text_.size()) return false;
    const bool possible =
        month >= 1 && month <= 12 && day >= 1 && day <= 31 && minute <= 59 && second <= 59 &&
        (hour <= 23 || (hour == 24 && minute == 0 && second == 0 && fraction == 0));
    millis = possible ? millis_of_day(year, month - 1, day) + hour * 3'600'000 + minute * 60'000 +
                            second * 1000 + fraction - offset * 60'000
                      : NAN;
    return true;
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool number(size_t digits, double& value) {
    value = 0;
    for (size_t i = 0; i < digits; ++i, ++at_) {
      if (!is_digit(peek())) return false;
      value = value * 10 + (peek() - '0');
    }
    return true;
  }
  bool field(char separator, double& value) {
    if (peek() != separator || !is_digit(peek(1)) || !is_digit(peek(2))) return false;
    ++at_;
    return number(2, value);
  }
  bool zone(double& minutes) {
    if (peek() == 'Z') {
      ++at_;
      return true;
    }
    if (peek() != '+' && peek() != '-') return true;
    const double sign = peek() == '-' ? -1 : 1;
    ++at_;
    double hours = 0;
    double rest = 0;
    if (!number(2, hours)) return false;
    if (peek() == ':') ++at_;
    if (!number(2, rest)) return false;
    minutes = sign * (hours * 60 + rest);
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

// The values read for each component letter; NaN when absent.
struct Components {
  std::array<double, 128> values;
  Components() { values.fill(NAN); }
  double& operator[](char component) { return values[static_cast<unsigned char>(component) & 127]; }
  bool has(char component) { return !std::isnan((*this)[component]); }
};

std::string escape_literal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view(".*+?^${}()|[]\\/").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

bool is_zone(const DatePicture::Part& part) {
  return part.component == 'Z' || part.component == 'z';
}

// The regular expression for one part.
std::string part_pattern(Context& context, const DatePicture::Part& part) {
  if (part.component == 0) return escape_literal(part.literal);
  if (is_zone(part)) {
    std::string out = part.component == 'z' ? "GMT[-+][0-9]+" : "[-+][0-9]+";
    if (part.integer->regular > 0)
      out += escape_literal(part.integer->separators[0].character) + "[0-9]+";
    return out;
  }
  if (part.integer) {
    if (part.integer->primary == IntegerPicture::Primary::kUnsupported) {
      part.integer->read(context, "");
    }
    return part.integer->pattern();
  }
  if (std::string_view("MxFP").find(part.component) == std::string_view::npos) {
    context.fail_value("D3133", make_string(context, std::string(1, part.component)));
  }
  return "[a-zA-Z]+";
}

double read_zone(const DatePicture::Part& part, std::string_view text) {
  if (part.component == 'z') text.remove_prefix(3);
  const auto number = [](std::string_view digits) {
    return std::strtod(std::string(digits).c_str(), nullptr);
  };
  double hours = 0;
  double minutes = 0;
  if (part.integer->regular > 0) {
    const size_t at = text.find(part.integer->separators[0].character);
    hours = number(text.substr(0, at));
    minutes = at == std::string_view::npos ? 0 : number(text.substr(at + 1));
  } else if (text.size() <= 3) {
    hours = number(text);
  } else {
    hours = number(text.substr(0, 3));
    minutes = number(text.substr(3));
  }
  return hours * 60 + minutes;
}

double read_name(const DatePicture::Part& part, std::string_view text) {
  if (part.component == 'P')
    return text == "am" || text == "AM" ? 0 : text == "pm" || text == "PM" ? 1 : NAN;
  const bool days = part.component == 'F';
  for (size_t i = 1; i <= (days ? 7U : 12U); ++i) {
    std::string_view name = days ? kDayNames[i] : kMonthNames[i - 1];
    if (part.width_max) name = name.substr(0, *part.width_max);
    if (name == text) return static_cast<double>(i);
  }
  return NAN;
}

double read_part(Context& context, const DatePicture::Part& part, std::string_view text) {
  if (is_zone(part)) return read_zone(part, text);
  if (!part.integer) return read_name(part, text);
  if (part.component != 'f') return part.integer->read(context, text);
  // Digits after the decimal point: the first three are the milliseconds.
  std::string digits(text.substr(0, 3));
  digits.append(3 - digits.size(), '0');
  return std::strtod(digits.c_str(), nullptr);
}

// Fills in what the picture does not name: before the first given component from now, after the
// last the least.
bool complete(Context& context, Components& components, std::string_view letters) {
  bool started = false;
  bool ended = false;
  for (const char letter : letters) {
    if (components.has(letter)) {
      started = true;
      if (ended) {
        context.fail("D3136");
        return false;
      }
    } else if (started) {
      components[letter] = std::string_view("MDd").find(letter) != std::string_view::npos ? 1 : 0;
      ended = true;
    } else {
      components[letter] = date_component(static_cast<double>(context.environment.now_ms), letter);
    }
  }
  return true;
}

Value to_moment(Context& context, Components& components) {
  const auto given = [&](char letter) { return components.has(letter) && components[letter] != 0; };
  const auto only = [&](std::string_view all, std::string_view allowed) {
    bool any = false;
    for (const char letter : all) {
      if (!given(letter)) continue;
      if (allowed.find(letter) == std::string_view::npos) return false;
      any = true;
    }
    return any;
  };
  constexpr std::string_view kDate = "YXMxWwdD";
  const bool by_month = only(kDate, "YMD");
  const bool by_day = !by_month && only(kDate, "Yd");
  const bool by_month_week = only(kDate, "XxwF");
  const bool by_week = !by_month_week && only(kDate, "XWF");
  constexpr std::string_view kTime = "PHhmsf";
  const bool by_24_hours = only(kTime, "Hmsf");
  const bool by_12_hours = !by_24_hours && only(kTime, "Phmsf");
  const std::string letters = std::string(by_day          ? "Yd"
                                          : by_month_week ? "XxwF"
                                          : by_week       ? "XWF"
                                                          : "YMD") +
                              (by_12_hours ? "Phmsf" : "Hmsf");
  if (!complete(context, components, letters)) return {};
  if (by_month_week || by_week) return context.fail("D3136");
  double year = components['Y'];
  // Two-digit years are of the twentieth century, as in JavaScript's Date.UTC.
  if (year >= 0 && year <= 99) year += 1900;
  double month = components['M'] > 0 ? components['M'] - 1 : 0;
  double day = components['D'];
  if (by_day) {
    month = 0;
    day = components['d'];
  }
  double hour = components['H'];
  if (by_12_hours)
    hour = (components['h'] == 12 ? 0 : components['h']) + (components['P'] == 1 ? 12 : 0);
  double millis = millis_of_day(year, month, day) + hour * 3'600'000 + components['m'] * 60'000 +
                  components['s'] * 1000 + components['f'];
  const double zone = given('Z') ? components['Z'] : given('z') ? components['z'] : 0;
  millis -= zone * 60'000;
  return Value::number(millis);
}

}  // namespace

Value parse_iso_date(Context& context, const Value& text) {
  double millis = 0;
  if (!IsoReader(text.as_string()).run(millis)) return context.fail_value("D3110", text);
  return Value::number(millis);
}

Value parse_date(Context& context, const Value& text, const Value& picture) {
  const auto parsed = DatePicture::parse(context, picture.as_string());
  if (!parsed) return {};
  std::string pattern = "^";
  for (const DatePicture::Part& part : parsed->parts) {
    pattern += "(" + part_pattern(context, part) + ")";
    if (context.failed) return {};
  }
  pattern += '$';
  // Dates of one expression mostly have one picture: its pattern is compiled once.
  if (context.date_regex == nullptr || context.date_pattern != pattern) {
    std::string message;
    context.date_regex = Regex::compile(pattern, "i", message);
    context.date_pattern = std::move(pattern);
  }
  if (context.date_regex == nullptr || !context.spend(64)) return {};
  Regex::Match match;
  const Regex::MatchResult outcome = context.date_regex->find(text.as_string(), 0, {}, match);
  if (outcome == Regex::MatchResult::kLimit) return context.fail_bound(kTimeoutMessage);
  if (outcome == Regex::MatchResult::kNoMatch) return {};
  Components components;
  bool any = false;
  for (size_t i = 0; i < parsed->parts.size(); ++i) {
    const DatePicture::Part& part = parsed->parts[i];
    if (part.component == 0) continue;
    any = true;
    const auto [begin, end] = match.group(i + 1);
    components[part.component] =
        read_part(context, part, text.as_string().substr(begin, end - begin));
    if (context.failed) return {};
  }
  return any ? to_moment(context, components) : Value();
}

}  // namespace weft::jsonata
