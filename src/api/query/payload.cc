#include <algorithm>

#include <fmt/format.h>

#include "api/query/execution_spans.h"

namespace weft::api {
namespace {

// Of one answer; a payload has 256 KiB at most unless the limit was raised.
constexpr int64_t kPieceBytesMax = 1 << 20;
constexpr int64_t kPieceBytes = 16 << 10;

// Where the character that `at` stands in begins.
size_t character_start(std::string_view text, size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return std::min(at, text.size());
}

struct Payload {
  std::string text;
  bool final = false;
};

// The payload as it may be seen; `question` shows payloads whole.
base::Result<Payload> find_payload(const Question& question, std::string_view of) {
  if (question.parameters.has("id")) {
    const auto text = question.parameters.find("id");
    const auto id = parse_span("id", *text);
    if (!id) return std::unexpected(id.error());
    const auto found = spans_of_execution(question, true);
    if (!found) return std::unexpected(found.error());
    const auto at = std::ranges::find(found->spans, *id, &trace::Span::span_id);
    if (at != found->spans.end() && !at->attribute(of).empty()) {
      return Payload{std::string(at->attribute(of)), found->final};
    }
    return base::fail(base::ErrorCode::kResourceNotFound,
                      fmt::format("id={}: there is no {} of such a span", *text, of));
  }
  const auto arn = question.parameters.find("arn");
  if (!arn) {
    return base::fail(base::ErrorCode::kInvalidArgument, "arn: expected the ARN of an execution");
  }
  const auto view = question.query.execution(*arn);
  if (!view) return std::unexpected(view.error());
  const base::Text& text = of == "input" ? view->input : view->output;
  if (text.is_null()) {
    return base::fail(base::ErrorCode::kResourceNotFound, fmt::format("{} has no {}", *arn, of));
  }
  const auto final = is_final(question, view->key, view->status);
  if (!final) return std::unexpected(final.error());
  return Payload{question.payloads.apply(text.view()), *final};
}

}  // namespace

FoundResult payload(const Question& question) {
  const std::string_view of = question.parameters.find("of").value_or("input");
  if (of != "input" && of != "output") {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("of={}: expected input or output", of));
  }
  const auto offset = whole_parameter(question.parameters, "off", 0, 0, INT64_MAX);
  if (!offset) return std::unexpected(offset.error());
  const auto length = whole_parameter(question.parameters, "len", kPieceBytes, 1, kPieceBytesMax);
  if (!length) return std::unexpected(length.error());
  if (!question.payloads.shows_payloads()) {
    return base::fail(base::ErrorCode::kResourceNotFound, "Payloads are not shown here");
  }
  const trace::Redactor whole = question.payloads.sized(SIZE_MAX);
  auto found = find_payload({.host = question.host,
                             .query = question.query,
                             .columns = question.columns,
                             .measured = question.measured,
                             .payloads = whole,
                             .parameters = question.parameters,
                             .body = question.body,
                             .arena = question.arena,
                             .now_ms = question.now_ms},
                            of);
  if (!found) return std::unexpected(found.error());
  const std::string_view text = found->text;
  const size_t from =
      character_start(text, static_cast<size_t>(std::min<int64_t>(*offset, INT32_MAX)));
  const size_t wanted = std::min(text.size(), from + static_cast<size_t>(*length));
  size_t to = character_start(text, wanted);
  if (to == from && from < text.size()) {  // a character at least
    to = from + 1;
    while (to < text.size() && character_start(text, to) != to) ++to;
  }
  return Found{.body = std::string(text.substr(from, to - from)),
               .final = found->final,
               .type = "text/plain; charset=utf-8",
               .headers = {{"X-Weft-Range", fmt::format("bytes {}-{}/{}", from, to, text.size())},
                           {"Content-Disposition", "inline; filename=\"payload.txt\""}}};
}

}  // namespace weft::api
