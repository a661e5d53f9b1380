#include <fmt/format.h>

#include "api/query/question.h"
#include "store/paged.h"

namespace weft::api {
namespace {

constexpr int64_t kPageBytes = 64 << 10;
constexpr int64_t kPageBytesMax = 4 << 20;

}  // namespace

// What weft's own reading commands work on when they are given --endpoint: they read the store
// through it as they read a data directory.
FoundResult store_page(const Question& question) {
  const auto text = [&](std::string_view name) {
    return std::string(question.parameters.find(name).value_or(""));
  };
  const auto family = store::family_of(text("family"));
  if (!family) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("family: there is none called '{}'", text("family")));
  }
  const auto bytes = whole_parameter(question.parameters, "bytes", kPageBytes, 1, kPageBytesMax);
  if (!bytes) return std::unexpected(bytes.error());
  auto page = store::read_page(question.query.store(), {.family = *family,
                                                        .from = text("from"),
                                                        .to = text("to"),
                                                        .reverse = text("reverse") == "1",
                                                        .bytes = static_cast<size_t>(*bytes)});
  if (!page) return std::unexpected(page.error());
  return Found{.body = std::move(*page), .type = "application/octet-stream"};
}

}  // namespace weft::api
