#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "api/execution_arn.h"
#include "api/operations.h"
#include "api/page_token.h"
#include "arn/arn.h"
#include "history/aws_json.h"
#include "json/write.h"

namespace weft::api {
namespace {

// A page ends before this many bytes, but never without an event. AWS bounds its answers, too, and
// does not say at how many.
constexpr size_t kPageBytesMax = 4u << 20;

// Where a page begins: a turn, and how many of its events earlier pages had.
struct Place {
  uint32_t turn = 0;
  uint32_t events = 0;

  static Place parse(std::string_view text, bool reverse) {
    Place place{.turn = reverse ? UINT32_MAX : 0};
    const char* const end = text.data() + text.size();
    const auto turn = std::from_chars(text.data(), end, place.turn);
    if (turn.ptr != end) std::from_chars(turn.ptr + 1, end, place.events);
    return place;
  }
  std::string text() const { return fmt::format("{}.{}", turn, events); }
};

}  // namespace

aws::Reply get_execution_history(Call& call) {
  const auto arn = call.in.required("executionArn", kArnCharsMax);
  const int64_t max = call.in.whole("maxResults", kPageRowsMax);
  const bool reverse = call.in.flag("reverseOrder", false);
  const bool with_data = call.in.flag("includeExecutionData", true);
  const auto token = call.in.optional("nextToken", kTokenCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const PageToken tokens("GetExecutionHistory",
                         {arn, reverse ? "reverse" : "", with_data ? "data" : ""});
  auto place = tokens.decode(token.value_or(""));
  if (!place) return std::unexpected(place.error());
  auto key = standard_execution(call.query, arn);
  if (!key) return std::unexpected(key.error());

  const Place begin = Place::parse(*place, reverse);
  Place at{.turn = begin.turn};  // of the event that is looked at
  const size_t limit = max == 0 ? kPageRowsDefault : static_cast<size_t>(max);
  const std::string region = arn::parse_states_arn(arn)->region;  // not ours when imported
  std::string body = R"({"events":[)";
  std::string one;
  size_t count = 0;
  bool more = false;
  const auto take = [&](uint32_t turn, const history::Event& event) {
    if (turn != at.turn) at = {.turn = turn};
    if (history::is_internal(event.type)) return true;
    const bool seen = turn == begin.turn && at.events < begin.events;
    if (!seen) {
      one.clear();
      history::append_history_event(event, with_data, one, region);
      more = count == limit || (count > 0 && body.size() + one.size() > kPageBytesMax);
      if (more) return false;
      if (count++ > 0) body += ',';
      body += one;
    }
    ++at.events;
    return true;
  };
  if (auto read = call.query.visit_events(*key, begin.turn, reverse, take); !read)
    return std::unexpected(read.error());
  body += ']';
  if (more) {
    body += R"(,"nextToken":)";
    json::write_string(tokens.encode(at.text()), body);
  }
  return body + "}";
}

}  // namespace weft::api
