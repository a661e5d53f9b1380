#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "columns/columns.h"

// The language in which children are chosen. A filter is a list of conditions that must all hold:
//
//   status:failed,timed_out   one of these states (of finished children: others have no row)
//   err:1234,5678             one of these error groups
//   dur:>1500ms  dur:100ms..2s  queue:>1s  run:>400ms (in functions)  cold:yes  cold:>200ms
//   end:0..60s  start:0..60s  from the start of the Map Run; a bare number is microseconds
//   retry:>0  batch:>1  size:>1000  lane:0..99  index:17
//   key:2024/us-east/         the key of one of its items begins with these path segments, or is
//                             this
//   input.customer.region:eu  a member of the child's input (of arrays that of any item) has this
//                             value; eu* begins with it, * is any; numbers as below
//   span.http.status:503      an attribute of one of the functions' own spans
//   function:resize           one of the functions it called
//   err:PictureError          (or error:) the name of an error, where somebody resolves it to error
//   groups
//
// Numbers take N, >N, >=N, <N, <=N and A..B (both included); durations us, ms, s, m and h. A value
// in double quotes is that text, with its blanks: input.name:"O'Neil & Sons"; a quote in it stands
// behind a backslash, and so does a backslash; \n and \t are a line's end and a tab.

namespace weft::columns {

enum class Field : uint8_t {
  kStatus,
  kError,
  kDuration,
  kQueue,
  kRun,
  kCold,
  kStart,
  kEnd,
  kRetry,
  kBatch,
  kSize,
  kLane,
  kIndex,
  kKey,
  kProperty
};

struct Condition {
  Field field = Field::kStatus;
  std::vector<uint32_t> values;  // kStatus, kError: any of these
  int64_t from = 0;              // all others but kKey: both ends included
  int64_t to = 0;
  std::string text;       // kKey, kProperty; of kError a name that is not resolved yet
  std::string property;   // kProperty: its name in Columns::properties
  bool prefix = false;    // kProperty: begins with `text`
  bool numeric = false;   // kProperty: `from` and `to` instead of `text`
  std::string written{};  // as it was read; "" of one that was not
  friend bool operator==(const Condition&, const Condition&) = default;
};

using Filter = std::vector<Condition>;

// `value` as a condition's value: as it is, or in quotes where it would be read as something else.
std::string quoted_value(std::string_view value);

// One condition. kInvalidArgument names the condition, the column of the fault and what was
// expected there.
base::Result<Condition> parse_condition(std::string_view text);
// Conditions one a line or separated by blanks; the error of several lines also names
// the line.
base::Result<Filter> parse_filter(std::string_view text);

// "dur" ...; "" of kProperty, whose conditions have names of their own.
std::string_view name_of(Field field);
// "2024/" of "2024" or "2024/": what the keys below it begin with.
std::string segments_of(std::string_view text);
// Whether a property has such a name: "input.a.b", "span.name" or "function".
bool is_property(std::string_view name);
// Whether one of the conditions about keys chooses this one; not when there are none.
bool chooses_key(const Filter& filter, std::string_view key);
// Whether a condition is about keys, and the properties that conditions are about.
bool uses_keys(const Filter& filter);
std::vector<std::string> properties_of(const Filter& filter);

// The rows of which all conditions hold, in order. Where the columns do not know a property or the
// keys, none.
Rows select(const Columns& columns, const Filter& filter);

}  // namespace weft::columns
