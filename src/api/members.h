#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace weft::api {

// Reads the members of one request and collects what is wrong with them, so that one answer names
// every fault in AWS's words. Read all members first, then check(). The texts live as long as the
// request's JSON.
class Members {
 public:
  // `within`: of an object inside the request, where it is: "loggingConfiguration.".
  explicit Members(json::Value body, std::string within = {})
      : body_(body), within_(std::move(within)) {}

  // A string of 1 to `length_max` characters that must be there.
  std::string_view required(std::string_view name, size_t length_max);
  // The same when it may be absent (or null). `length_min` 0 allows "".
  std::optional<std::string_view> optional(std::string_view name, size_t length_max,
                                           size_t length_min = 1);
  // A payload: a string of up to `bytes_max` bytes.
  std::optional<std::string_view> payload(std::string_view name, size_t bytes_max);
  std::string_view required_payload(std::string_view name, size_t bytes_max);
  // A string out of a list.
  std::optional<std::string_view> one_of(std::string_view name,
                                         std::initializer_list<std::string_view> values);
  std::string_view required_one_of(std::string_view name,
                                   std::initializer_list<std::string_view> values);
  // A whole number from `min` to `max`; 0 when absent.
  int64_t whole(std::string_view name, int64_t max, int64_t min = 0);
  // The same where absent means something else than 0.
  std::optional<int64_t> optional_whole(std::string_view name, int64_t max, int64_t min = 0);
  // A number from `min` to `max`.
  std::optional<double> optional_real(std::string_view name, double min, double max);
  bool flag(std::string_view name, bool when_absent);
  json::Value object(std::string_view name);
  json::Value array(std::string_view name);  // empty when absent
  json::Value required_array(std::string_view name);
  // An array of objects.
  json::Value objects(std::string_view name);

  // kSerialization for a member of the wrong JSON type, else kInvalidArgument with "N validation
  // errors detected: ...".
  base::Result<void> check() const;

 private:
  bool is_missing(std::string_view name);  // and says so
  std::optional<std::string_view> text(std::string_view name);
  void reject(std::string_view name, std::string_view value, std::string_view constraint);
  void check_length(std::string_view name, std::string_view value, size_t min, size_t max);
  void wrong_type(std::string_view name, std::string_view expected);

  json::Value body_;
  std::string within_;
  std::string wrong_type_;
  std::vector<std::string> findings_;
};

}  // namespace weft::api
