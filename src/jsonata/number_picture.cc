#include "jsonata/number_picture.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "jsonata/errors.h"
#include "jsonata/rounding.h"
#include "jsonata/semantics.h"
#include "jsonata/text.h"

namespace weft::jsonata {

namespace {

using Text = std::u16string;
using View = std::u16string_view;

constexpr size_t kSymbolUnitsMax = 100;

// The special characters of a picture and the texts of special values. Pictures are worked on in
// UTF-16 units, as the reference counts them.
struct Symbols {
  Text decimal = u".";
  Text grouping = u",";
  Text exponent = u"e";
  Text infinity = u"Infinity";
  Text minus = u"-";
  Text nan = u"NaN";
  Text percent = u"%";
  Text per_mille = u"\u2030";
  Text zero = u"0";
  Text digit = u"#";
  Text pattern_separator = u";";

  explicit Symbols(const Value& options) {
    const std::pair<std::string_view, Text*> fields[] = {{"decimal-separator", &decimal},
                                                         {"grouping-separator", &grouping},
                                                         {"exponent-separator", &exponent},
                                                         {"infinity", &infinity},
                                                         {"minus-sign", &minus},
                                                         {"NaN", &nan},
                                                         {"percent", &percent},
                                                         {"per-mille", &per_mille},
                                                         {"zero-digit", &zero},
                                                         {"digit", &digit},
                                                         {"pattern-separator", &pattern_separator}};
    for (const auto& [name, field] : fields) {
      const Value value = options.find(name);
      if (value.is_string()) *field = to_utf16(value.as_string());
    }
  }
  // No symbol is longer than kSymbolUnitsMax.
  bool are_short() const {
    const Text* all[] = {&decimal, &grouping, &exponent,         &infinity,
                         &minus,   &nan,      &percent,          &per_mille,
                         &zero,    &digit,    &pattern_separator};
    return std::ranges::all_of(all, [](const Text* s) { return s->size() <= kSymbolUnitsMax; });
  }

  bool is_digit_member(char16_t c) const {
    return !zero.empty() && c >= zero[0] && c < zero[0] + 10;
  }
  static bool is(char16_t c, const Text& symbol) { return symbol.size() == 1 && symbol[0] == c; }
  bool is_active(char16_t c) const {
    return is_digit_member(c) || is(c, decimal) || is(c, exponent) || is(c, grouping) ||
           is(c, digit) || is(c, pattern_separator);
  }
  bool is_place(char16_t c) const { return is_digit_member(c) || is(c, digit); }
};

// A sub-picture cut into its parts.
struct Parts {
  Text prefix;
  Text suffix;
  Text active;
  Text mantissa;
  Text exponent;
  bool has_exponent = false;
  Text integer;
  Text fraction;
  Text whole;
};

struct Layout {
  std::vector<size_t> integer_groups;
  size_t regular_group = 0;
  std::vector<size_t> fraction_groups;
  size_t min_integer = 0;
  size_t scaling = 0;
  size_t min_fraction = 0;
  size_t max_fraction = 0;
  size_t min_exponent = 0;
};

size_t count_places(View text, const Symbols& symbols, bool members_only) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [&](char16_t c) {
    return symbols.is_digit_member(c) || (!members_only && Symbols::is(c, symbols.digit));
  }));
}

Parts split_parts(const Text& picture, const Symbols& symbols) {
  Parts parts;
  parts.whole = picture;
  const auto counts = [&](char16_t c) {
    return symbols.is_active(c) && !Symbols::is(c, symbols.exponent);
  };
  const auto first = std::find_if(picture.begin(), picture.end(), counts);
  const auto last = std::find_if(picture.rbegin(), picture.rend(), counts);
  // Without any active character the whole text counts as the active part.
  const bool none = first == picture.end();
  const size_t prefix_end = none ? 0 : static_cast<size_t>(first - picture.begin());
  const size_t suffix_start =
      none ? picture.size() : picture.size() - static_cast<size_t>(last - picture.rbegin());
  parts.prefix = picture.substr(0, prefix_end);
  parts.suffix = picture.substr(suffix_start);
  parts.active =
      suffix_start > prefix_end ? picture.substr(prefix_end, suffix_start - prefix_end) : Text();
  // The exponent is looked for in the whole sub-picture and then applied to the active part: the
  // reference does so.
  const size_t exponent_at = picture.find(symbols.exponent, prefix_end);
  if (exponent_at == Text::npos || exponent_at > suffix_start) {
    parts.mantissa = parts.active;
  } else {
    parts.has_exponent = true;
    parts.mantissa = parts.active.substr(0, std::min(exponent_at, parts.active.size()));
    parts.exponent =
        exponent_at + 1 <= parts.active.size() ? parts.active.substr(exponent_at + 1) : Text();
  }
  const size_t decimal_at = picture.find(symbols.decimal);
  if (decimal_at == Text::npos) {
    parts.integer = parts.mantissa;
    parts.fraction = parts.suffix;
  } else {
    const size_t in_mantissa = parts.mantissa.find(symbols.decimal);
    parts.integer = parts.mantissa.substr(0, in_mantissa);
    parts.fraction = in_mantissa == Text::npos
                         ? Text()
                         : parts.mantissa.substr(in_mantissa + symbols.decimal.size());
  }
  return parts;
}

bool repeats(const Text& text, const Text& symbol) {
  const size_t first = text.find(symbol);
  return first != Text::npos && text.rfind(symbol) != first;
}

// The code of the last rule a sub-picture breaks; empty when it is good.
std::string_view check_parts(const Parts& parts, const Symbols& symbols) {
  std::string_view code;
  const Text& whole = parts.whole;
  const auto has = [&](const Text& symbol) { return whole.find(symbol) != Text::npos; };
  if (repeats(whole, symbols.decimal)) code = "D3081";
  if (repeats(whole, symbols.percent)) code = "D3082";
  if (repeats(whole, symbols.per_mille)) code = "D3083";
  if (has(symbols.percent) && has(symbols.per_mille)) code = "D3084";
  if (count_places(parts.mantissa, symbols, false) == 0) code = "D3085";
  if (std::any_of(parts.active.begin(), parts.active.end(),
                  [&](char16_t c) { return !symbols.is_active(c); }))
    code = "D3086";
  const size_t decimal_at = whole.find(symbols.decimal);
  if (decimal_at != Text::npos) {
    const bool before = decimal_at > 0 && Symbols::is(whole[decimal_at - 1], symbols.grouping);
    const bool after =
        decimal_at + 1 < whole.size() && Symbols::is(whole[decimal_at + 1], symbols.grouping);
    if (before || after) code = "D3087";
  } else if (!parts.integer.empty() && Symbols::is(parts.integer.back(), symbols.grouping)) {
    code = "D3088";
  }
  if (has(symbols.grouping + symbols.grouping)) code = "D3089";
  // The first optional place of the integer part and the last of the fraction decide.
  const size_t first_optional = parts.integer.find(symbols.digit);
  if (first_optional != Text::npos &&
      count_places(View(parts.integer).substr(0, first_optional), symbols, true) > 0) {
    code = "D3090";
  }
  const size_t last_optional = parts.fraction.rfind(symbols.digit);
  if (last_optional != Text::npos &&
      count_places(View(parts.fraction).substr(last_optional), symbols, true) > 0) {
    code = "D3091";
  }
  if (parts.has_exponent && !parts.exponent.empty() &&
      (has(symbols.percent) || has(symbols.per_mille)))
    code = "D3092";
  if (parts.has_exponent) {
    const bool digits = std::all_of(parts.exponent.begin(), parts.exponent.end(),
                                    [&](char16_t c) { return symbols.is_digit_member(c); });
    if (parts.exponent.empty() || !digits) code = "D3093";
  }
  return code;
}

// Digit places right of (or, for fractions, left of) each grouping separator.
std::vector<size_t> group_positions(View part, const Symbols& symbols, bool fraction, View search) {
  std::vector<size_t> positions;
  size_t at = part.find(symbols.grouping);
  while (at != View::npos) {
    positions.push_back(
        count_places(fraction ? part.substr(0, at) : part.substr(at), symbols, false));
    // Further ones are looked for in the integer part, whichever part this is: the reference does
    // so.
    at = search.find(symbols.grouping, at + 1);
    if (at != View::npos && at > part.size()) break;
  }
  return positions;
}

size_t regular_distance(const std::vector<size_t>& positions) {
  if (positions.empty()) return 0;
  size_t factor = 0;
  for (const size_t position : positions) factor = std::gcd(factor, position);
  for (size_t i = 1; i <= positions.size(); ++i) {
    if (std::find(positions.begin(), positions.end(), i * factor) == positions.end()) return 0;
  }
  return factor;
}

Layout analyse(const Parts& parts, const Symbols& symbols) {
  Layout layout;
  layout.integer_groups = group_positions(parts.integer, symbols, false, parts.integer);
  layout.regular_group = regular_distance(layout.integer_groups);
  layout.fraction_groups = group_positions(parts.fraction, symbols, true, parts.integer);
  layout.min_integer = count_places(parts.integer, symbols, true);
  layout.scaling = layout.min_integer;
  layout.min_fraction = count_places(parts.fraction, symbols, true);
  layout.max_fraction = count_places(parts.fraction, symbols, false);
  if (layout.min_integer == 0 && layout.max_fraction == 0) {
    if (parts.has_exponent) {
      layout.min_fraction = layout.max_fraction = 1;
    } else {
      layout.min_integer = 1;
    }
  }
  if (parts.has_exponent && layout.min_integer == 0 &&
      parts.integer.find(symbols.digit) != Text::npos)
    layout.min_integer = 1;
  if (layout.min_integer == 0 && layout.min_fraction == 0) layout.min_fraction = 1;
  if (parts.has_exponent) layout.min_exponent = count_places(parts.exponent, symbols, true);
  return layout;
}

// |number| with `places` decimals, as Number.prototype.toFixed prints it.
Text fixed(double number, size_t places) {
  number = std::fabs(number);
  std::string out;
  if (number >= 1e21) {
    std::string text;
    write_rounded_number(Value::number(number), text);
    out = text;
  } else {
    char buffer[512];
    const auto [end, error] =
        std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::fixed,
                      static_cast<int>(std::min<size_t>(places, 100)));
    out.assign(buffer, end);
  }
  return Text(out.begin(), out.end());
}

Text in_digit_family(Text text, const Symbols& symbols) {
  for (char16_t& c : text) {
    if (c >= u'0' && c <= u'9') c = static_cast<char16_t>(symbols.zero[0] + (c - u'0'));
  }
  return text;
}

void insert_groups(Text& text, const Layout& layout, const Symbols& symbols) {
  size_t decimal_at = text.find(symbols.decimal);
  if (decimal_at == Text::npos) decimal_at = text.size();
  if (layout.regular_group > 0) {
    const size_t groups = decimal_at == 0 ? 0 : (decimal_at - 1) / layout.regular_group;
    for (size_t group = 1; group <= groups; ++group)
      text.insert(decimal_at - group * layout.regular_group, symbols.grouping);
    decimal_at += groups * symbols.grouping.size();
  } else {
    // Places beyond the number count from its end, as JavaScript's slice() has it: the reference
    // does not check them.
    for (const size_t position : layout.integer_groups) {
      const size_t back = position - std::min(position, decimal_at);
      const size_t at = position <= decimal_at ? decimal_at - position
                                               : text.size() - std::min(back, text.size());
      text.insert(at, symbols.grouping);
      ++decimal_at;
    }
  }
  const size_t final_decimal = text.find(symbols.decimal);
  for (const size_t position : layout.fraction_groups) {
    text.insert(
        std::min((final_decimal == Text::npos ? 0 : final_decimal + 1) + position, text.size()),
        symbols.grouping);
  }
}

Text mantissa_text(double mantissa, const Parts& parts, const Layout& layout,
                   const Symbols& symbols) {
  const double rounded = round_half_even(mantissa, static_cast<int>(layout.max_fraction));
  Text text = in_digit_family(fixed(rounded, layout.max_fraction), symbols);
  const size_t point = text.find(u'.');
  if (point == Text::npos) {
    text += symbols.decimal;
  } else {
    text.replace(point, 1, symbols.decimal);
  }
  const char16_t zero = symbols.zero[0];
  while (!text.empty() && text.front() == zero) text.erase(0, 1);
  while (!text.empty() && text.back() == zero) text.pop_back();
  const size_t decimal_at = text.find(symbols.decimal);
  const size_t whole = decimal_at == Text::npos ? text.size() : decimal_at;
  const size_t fraction =
      decimal_at == Text::npos ? 0 : text.size() - decimal_at - symbols.decimal.size();
  if (layout.min_integer > whole) text.insert(0, layout.min_integer - whole, zero);
  if (layout.min_fraction > fraction) text.append(layout.min_fraction - fraction, zero);
  insert_groups(text, layout, symbols);
  const size_t final_decimal = text.find(symbols.decimal);
  const bool picture_has_decimal = parts.whole.find(symbols.decimal) != Text::npos;
  if (!picture_has_decimal ||
      (final_decimal != Text::npos && final_decimal + symbols.decimal.size() == text.size())) {
    if (!text.empty()) text.pop_back();
  }
  return text;
}

// Scales the number into the picture's range; the exponent it took.
int normalise(double& number, size_t scaling) {
  if (number == 0) return 0;
  const double most = std::pow(10, static_cast<double>(scaling));
  const double least = std::pow(10, static_cast<double>(scaling) - 1);
  int exponent = 0;
  while (std::fabs(number) < least) {
    number *= 10;
    --exponent;
  }
  while (std::fabs(number) > most) {
    number /= 10;
    ++exponent;
  }
  return exponent;
}

Value finish(Context& context, const Text& text) { return make_string(context, from_utf16(text)); }

}  // namespace

Value format_number(Context& context, double number, const Value& picture, const Value& options) {
  if (!context.may_read_picture(picture.as_string())) return {};
  const Symbols symbols(options);
  if (!symbols.are_short()) return context.fail_bound(kPictureMessage);
  const Text whole = to_utf16(picture.as_string());
  std::vector<Text> pictures;
  size_t from = 0;
  for (size_t at = whole.find(symbols.pattern_separator);
       at != Text::npos && !symbols.pattern_separator.empty();
       at = whole.find(symbols.pattern_separator, from)) {
    pictures.push_back(whole.substr(from, at - from));
    from = at + symbols.pattern_separator.size();
  }
  pictures.push_back(whole.substr(from));
  if (pictures.size() > 2) return context.fail("D3080");
  std::vector<Parts> parts;
  for (const Text& text : pictures) {
    parts.push_back(split_parts(text, symbols));
    const std::string_view code = check_parts(parts.back(), symbols);
    if (!code.empty()) return context.fail(code);
  }
  if (parts.size() == 1) {
    parts.push_back(parts[0]);
    parts[1].prefix = symbols.minus + parts[1].prefix;
  }
  const Parts& chosen = parts[number >= 0 ? 0 : 1];
  if (std::isnan(number)) return finish(context, parts[0].prefix + symbols.nan + parts[0].suffix);
  const Layout layout = analyse(chosen, symbols);
  double adjusted = number;
  if (chosen.whole.find(symbols.percent) != Text::npos) {
    adjusted = number * 100;
  } else if (chosen.whole.find(symbols.per_mille) != Text::npos) {
    adjusted = number * 1000;
  }
  if (std::isinf(adjusted))
    return finish(context, chosen.prefix + symbols.infinity + chosen.suffix);
  const int exponent = chosen.has_exponent ? normalise(adjusted, layout.scaling) : 0;
  Text text = mantissa_text(adjusted, chosen, layout, symbols);
  if (chosen.has_exponent) {
    Text digits = in_digit_family(fixed(exponent, 0), symbols);
    if (layout.min_exponent > digits.size())
      digits.insert(0, layout.min_exponent - digits.size(), symbols.zero[0]);
    text += symbols.exponent + (exponent < 0 ? symbols.minus : Text()) + digits;
  }
  return finish(context, chosen.prefix + text + chosen.suffix);
}

}  // namespace weft::jsonata
