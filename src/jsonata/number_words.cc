#include "jsonata/number_words.h"

#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "json/utf8.h"

namespace weft::jsonata {

namespace {

constexpr std::array<std::string_view, 20> kFew = {
    "Zero",     "One",     "Two",     "Three",     "Four",     "Five",    "Six",
    "Seven",    "Eight",   "Nine",    "Ten",       "Eleven",   "Twelve",  "Thirteen",
    "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen"};
constexpr std::array<std::string_view, 20> kOrdinals = {
    "Zeroth",     "First",     "Second",    "Third",       "Fourth",     "Fifth",     "Sixth",
    "Seventh",    "Eighth",    "Ninth",     "Tenth",       "Eleventh",   "Twelfth",   "Thirteenth",
    "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth"};
constexpr std::array<std::string_view, 9> kDecades = {
    "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety", "Hundred"};
constexpr std::array<std::string_view, 4> kMagnitudes = {"Thousand", "Million", "Billion",
                                                         "Trillion"};

std::string words(double number, bool follows, bool ordinal) {
  if (number <= 19) {
    const auto index = static_cast<size_t>(number);
    return std::string(follows ? " and " : "") +
           std::string(ordinal ? kOrdinals[index] : kFew[index]);
  }
  if (number < 100) {
    std::string out = follows ? " and " : "";
    out += kDecades[static_cast<size_t>(number / 10) - 2];
    const double rest = std::fmod(number, 10);
    if (rest > 0) return out + "-" + words(rest, false, ordinal);
    return ordinal ? out.substr(0, out.size() - 1) + "ieth" : out;
  }
  std::string out = follows ? ", " : "";
  double rest = 0;
  if (number < 1000) {
    out += kFew[static_cast<size_t>(number / 100)];
    out += " Hundred";
    rest = std::fmod(number, 100);
  } else {
    auto magnitude = static_cast<size_t>(std::floor(std::log10(number) / 3));
    if (std::pow(10, static_cast<double>(magnitude * 3)) > number) --magnitude;
    if (magnitude > kMagnitudes.size()) magnitude = kMagnitudes.size();
    const double factor = std::pow(10, static_cast<double>(magnitude * 3));
    const double mantissa = std::floor(number / factor);
    rest = number - mantissa * factor;
    out += words(mantissa, false, false);
    out += ' ';
    out += kMagnitudes[magnitude - 1];
  }
  if (rest > 0) return out + words(rest, true, ordinal);
  return ordinal ? out + "th" : out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

const std::map<std::string, double, std::less<>>& word_values() {
  static const auto values = [] {
    std::map<std::string, double, std::less<>> made;
    for (size_t i = 0; i < kFew.size(); ++i) {
      made[lower(kFew[i])] = static_cast<double>(i);
      made[lower(kOrdinals[i])] = static_cast<double>(i);
    }
    for (size_t i = 0; i < kDecades.size(); ++i) {
      const std::string word = lower(kDecades[i]);
      made[word] = made[word.substr(0, word.size() - 1) + "ieth"] =
          static_cast<double>((i + 2) * 10);
    }
    made["hundredth"] = 100;
    for (size_t i = 0; i < kMagnitudes.size(); ++i) {
      const std::string word = lower(kMagnitudes[i]);
      made[word] = made[word + "th"] = std::pow(10, static_cast<double>((i + 1) * 3));
    }
    return made;
  }();
  return values;
}

struct RomanDigit {
  double value;
  std::string_view text;
};
constexpr RomanDigit kRoman[] = {{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"},
                                 {90, "xc"},  {50, "l"},   {40, "xl"}, {10, "x"},   {9, "ix"},
                                 {5, "v"},    {4, "iv"},   {1, "i"}};

}  // namespace

std::string number_to_words(double number, bool ordinal) { return words(number, false, ordinal); }

const std::string& known_words() {
  static const std::string joined = [] {
    std::string out;
    for (const auto& [word, value] : word_values()) out += word + "|";
    return out + "and|[\\-, ]";
  }();
  return joined;
}

double words_to_number(std::string_view text) {
  std::vector<double> segments = {0};
  size_t at = 0;
  while (at <= text.size()) {
    // Words end at ", ", " and ", a blank or a dash.
    size_t end = text.find_first_of(", -", at);
    if (end == std::string_view::npos) end = text.size();
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (text.substr(end, 2) == ", ") at = end + 2;
    if (text.substr(end, 5) == " and ") at = end + 5;
    const auto found = word_values().find(word);
    const double value = found == word_values().end() ? NAN : found->second;
    if (value < 100) {
      double top = segments.back();
      segments.pop_back();
      if (top >= 1000) {
        segments.push_back(top);
        top = 0;
      }
      segments.push_back(top + value);
    } else {
      segments.back() *= value;
    }
  }
  double sum = 0;
  for (const double segment : segments) sum += segment;
  return sum;
}

std::string number_to_letters(double number, char first) {
  std::string out;
  while (number > 0) {
    out.insert(out.begin(), static_cast<char>(first + static_cast<int>(std::fmod(number - 1, 26))));
    number = std::floor((number - 1) / 26);
  }
  return out;
}

double letters_to_number(std::string_view text, char first) {
  // Other characters count by their UTF-16 units, and the sum is made from the right, as the
  // reference has it.
  std::vector<double> places;
  const auto add = [&](double unit) { places.push_back(unit - first + 1); };
  for (size_t at = 0; at < text.size();) {
    const char32_t c = json::decode_utf8(text, at);
    if (c >= 0x10000) {
      add(0xD800 + ((c - 0x10000) >> 10));
      add(0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
      add(c);
    }
  }
  double number = 0;
  double power = 1;
  for (size_t i = places.size(); i-- > 0; power *= 26) number += places[i] * power;
  return number;
}

std::string number_to_roman(double number) {
  std::string out;
  for (const RomanDigit& digit : kRoman) {
    for (; number >= digit.value && out.size() < 1'000'000; number -= digit.value)
      out += digit.text;
  }
  return out;
}

double roman_to_number(std::string_view text) {
  double number = 0;
  double largest = 1;
  for (size_t i = text.size(); i-- > 0;) {
    static constexpr std::string_view kDigits = "MDCLXVI";
    static constexpr double kValues[] = {1000, 500, 100, 50, 10, 5, 1};
    const size_t which = kDigits.find(text[i]);
    if (which == std::string_view::npos) return NAN;
    const double value = kValues[which];
    if (value < largest) {
      number -= value;
    } else {
      largest = value;
      number += value;
    }
  }
  return number;
}

}  // namespace weft::jsonata
