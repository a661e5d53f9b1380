#include "asl/compilation.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "asl/hints.h"
#include "base/ascii.h"
#include "base/brief.h"

namespace weft::asl {
namespace {

// Warnings that AWS does not give: they come with the hints.
constexpr std::array<std::string_view, 6> kOwnWarnings = {
    "DUPLICATE_FIELD",    "NO_ARGUMENTS",     "UNASSIGNED_VARIABLE",
    "UNKNOWN_ERROR_NAME", "UNKNOWN_FUNCTION", "UNUSED_FIELD"};

// Bytes of the escape or character that starts at `text[i]` inside a JSON string, and how many
// bytes it decodes to.
std::pair<size_t, size_t> raw_and_decoded(std::string_view text, size_t i) {
  if (text[i] != '\\' || i + 1 >= text.size()) {
    return {1, 1};
  }
  if (text[i + 1] != 'u') {
    return {2, 1};
  }
  unsigned code = 0;
  for (size_t k = i + 2; k < std::min(i + 6, text.size()); ++k) {
    code = code * 16 + static_cast<unsigned>(std::max(base::hex_value(text[k]), 0));
  }
  if (code >= 0xD800 && code < 0xDC00 && text.substr(i + 6, 2) == "\\u") {
    return {12, 4};
  }
  return {6, code < 0x80 ? 1U : code < 0x800 ? 2U : 3U};
}

}  // namespace

Compilation::Compilation(base::Text definition, const CompileOptions& options, bool hints)
    : options_(options),
      program_(std::make_shared<Program>()),
      positions_(definition.view()),
      hints_(hints) {
  program_->definition = std::move(definition);
  program_->arena = std::make_unique<json::Arena>();
  warn_of_duplicates();
}

// AWS's parser takes the last.
void Compilation::warn_of_duplicates() {
  for (const json::PositionIndex::Duplicate& twice : positions_.duplicates()) {
    add(twice.pointer.empty() ? "/" : twice.pointer, &twice.key,
        fmt::format("The field '{}' is there already, on line {}; this one counts", twice.name,
                    twice.first.line),
        "DUPLICATE_FIELD", Diagnostic::Severity::kWarning);
  }
}

size_t Compilation::column_of(const json::PositionIndex::Position& position) const {
  std::string_view text = program_->definition.view();
  std::string_view before =
      text.substr(position.offset - (position.column - 1), position.column - 1);
  auto is_continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  return position.column - static_cast<size_t>(std::ranges::count_if(before, is_continuation));
}

void Compilation::add(std::string location, const json::PositionIndex::Position* position,
                      std::string message, std::string_view code, Diagnostic::Severity severity) {
  listed_ = false;
  if (!hints_ && std::ranges::find(kOwnWarnings, code) != kOwnWarnings.end()) return;
  size_t& count = severity == Diagnostic::Severity::kError ? errors_ : warnings_;
  listed_ = count++ < kFindingsMax;
  const size_t offset = position != nullptr ? position->offset : 0;
  furthest_ = std::max(furthest_, offset);
  if (!listed_) return;
  Diagnostic diagnostic{.severity = severity,
                        .code = std::string(code),
                        .message = std::move(message),
                        .location = std::move(location)};
  // Names in them may be as long as the definition.
  diagnostic.message = base::brief(diagnostic.message);
  diagnostic.location = base::brief(diagnostic.location);
  if (position != nullptr) {
    diagnostic.line = position->line;
    diagnostic.column = column_of(*position);
  }
  findings_.emplace_back(offset, std::move(diagnostic));
}

void Compilation::error(const Path& at, std::string message, std::string_view code) {
  const auto* entry = positions_.find(at.pointer);
  add(at.location.empty() ? "/" : at.location, entry ? &entry->value : nullptr, std::move(message),
      code);
}

void Compilation::error_about(const Path& at, std::string_view name, std::string message,
                              std::string_view code) {
  const auto* entry = positions_.find(at.member(name).pointer);
  add(at.location.empty() ? "/" : at.location, entry ? &entry->key : nullptr, std::move(message),
      code);
}

void Compilation::warning_about(const Path& at, std::string_view name, std::string message,
                                std::string_view code) {
  const auto* entry = positions_.find(at.member(name).pointer);
  add(at.location.empty() ? "/" : at.location, entry ? &entry->key : nullptr, std::move(message),
      code, Diagnostic::Severity::kWarning);
}

void Compilation::error_unlocated(const Path& at, std::string message, std::string_view code) {
  const auto* entry = positions_.find(at.pointer);
  const size_t before = findings_.size();
  add("", entry ? &entry->value : nullptr, std::move(message), code);
  if (findings_.size() > before) findings_.back().first = furthest_;
}

void Compilation::error_inside(const Path& at, size_t offset, std::string message,
                               std::string_view code, Diagnostic::Severity severity) {
  const auto* entry = lists(severity) ? positions_.find(at.pointer) : nullptr;
  if (entry == nullptr) {
    add(at.location, nullptr, std::move(message), code, severity);
    return;
  }
  std::string_view text = program_->definition.view();
  json::PositionIndex::Position position = entry->value;
  size_t raw = position.offset + 1;
  for (size_t decoded = 0; decoded < offset && raw < text.size() && text[raw] != '"';) {
    auto [raw_bytes, decoded_bytes] = raw_and_decoded(text, raw);
    raw += raw_bytes;
    decoded += decoded_bytes;
  }
  raw = std::min(raw, text.size());
  position.column += raw - position.offset;
  position.offset = raw;
  add(at.location, &position, std::move(message), code, severity);
}

void Compilation::hint(std::string meant) {
  if (!hint_wanted() || meant.empty()) return;
  std::string& message = findings_.back().second.message;
  if (message.ends_with('.')) message.pop_back();
  message += fmt::format("{}{}'?", kHintBegins, meant);
}

std::vector<Diagnostic> Compilation::take_diagnostics() {
  std::vector<std::pair<size_t, size_t>> order;  // offset, number of the finding
  for (const auto& [offset, diagnostic] : findings_) {
    order.emplace_back(offset, order.size());
  }
  std::ranges::sort(order);
  std::vector<Diagnostic> result;
  result.reserve(order.size());
  for (const auto& [offset, number] : order) {
    result.push_back(std::move(findings_[number].second));
  }
  return result;
}

}  // namespace weft::asl
