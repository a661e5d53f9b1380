#include "jsonata/rounding.h"

#include <cmath>
#include <cstdlib>
#include <string>

#include "json/write.h"

namespace weft::jsonata {

namespace {

// number * 10^digits through its decimal text, so that no binary error enters.
double shift(double number, int digits) {
  std::string text;
  json::write_number(number, text);
  const size_t e = text.find('e');
  int exponent = digits;
  if (e != std::string::npos) exponent += std::atoi(text.c_str() + e + 1);
  return std::strtod((text.substr(0, e) + "e" + std::to_string(exponent)).c_str(), nullptr);
}

}  // namespace

double round_half_even(double number, int digits) {
  if (!std::isfinite(number)) return number;
  if (digits != 0) number = shift(number, digits);
  double result = std::floor(number + 0.5);
  const double difference = result - number;
  if (std::fabs(difference) == 0.5 && std::fabs(std::fmod(result, 2)) == 1) result -= 1;
  if (digits != 0) result = shift(result, -digits);
  return result == 0 ? 0 : result;
}

}  // namespace weft::jsonata
