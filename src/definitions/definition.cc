#include "definitions/definition.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "asl/nearest.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "definitions/yaml.h"
#include "json/parse.h"

namespace weft::definitions {
namespace {

// Values that hold `${...}` themselves are filled in again, so often at most.
constexpr int kRoundsMax = 16;

bool is_name(char c) {
  return base::is_letter_or_digit(c) || c == '_' || c == '.' || c == ':' || c == '-';
}

// The next `${Name}` of `text` from `from` on: where it begins, and its name.
struct Placeholder {
  size_t at = std::string_view::npos;
  std::string_view name;
  size_t end() const { return at + name.size() + 3; }
};
Placeholder next_placeholder(std::string_view text, size_t from) {
  for (size_t at = text.find("${", from); at != std::string_view::npos;
       at = text.find("${", at + 1)) {
    size_t end = at + 2;
    while (end < text.size() && is_name(text[end])) ++end;
    if (end > at + 2 && end < text.size() && text[end] == '}')
      return {at, text.substr(at + 2, end - at - 2)};
  }
  return {};
}

// Appends bytes [begin, end) of `from` with their places to `out`.
void copy_part(const std::shared_ptr<const Source>& from, size_t begin, size_t end, Source& out) {
  if (begin == end) return;
  const size_t at = out.text.size();
  if (from->pieces.empty()) {
    out.pieces.push_back({.at = at, .origin = {from, begin, Style::kVerbatim}});
  } else {
    auto next = std::ranges::upper_bound(from->pieces, begin, std::less<>(), &Piece::at);
    if (next != from->pieces.begin()) --next;
    for (; next != from->pieces.end() && next->at < end; ++next) {
      Piece piece = *next;
      if (piece.at < begin && piece.advances) piece.skip += begin - piece.at;
      piece.at = at + (piece.at < begin ? 0 : piece.at - begin);
      out.pieces.push_back(std::move(piece));
    }
  }
  out.text += std::string_view(from->text).substr(begin, end - begin);
}

// One round of filling in; `source` itself when there is nothing to fill in.
std::shared_ptr<const Source> fill_in(const std::shared_ptr<const Source>& source,
                                      const Substitutions& substitutions) {
  auto out = std::make_shared<Source>();
  out->name = source->name;
  size_t copied = 0;
  for (Placeholder next = next_placeholder(source->text, 0); next.at != std::string_view::npos;
       next = next_placeholder(source->text, next.end())) {
    const auto value = substitutions.find(std::string(next.name));
    if (value == substitutions.end()) continue;
    copy_part(source, copied, next.at, *out);
    const size_t before = out->pieces.size();
    copy_part(source, next.at, next.at + 1, *out);
    out->text.pop_back();
    // All of the value stands where the placeholder does.
    for (size_t i = before; i < out->pieces.size(); ++i) out->pieces[i].advances = false;
    out->text += value->second;
    copied = next.end();
    if (out->text.size() > 2 * base::kDefinitionBytesMax) break;
  }
  if (copied == 0) return source;
  copy_part(source, copied, source->text.size(), *out);
  return out;
}

void collect_names(std::string_view text, std::set<std::string>& names) {
  for (Placeholder next = next_placeholder(text, 0); next.at != std::string_view::npos;
       next = next_placeholder(text, next.end()))
    names.emplace(next.name);
}

void note_leftovers(const std::shared_ptr<const Source>& source, std::vector<Finding>& findings) {
  std::set<std::string_view> seen;
  for (Placeholder next = next_placeholder(source->text, 0); next.at != std::string_view::npos;
       next = next_placeholder(source->text, next.end())) {
    if (!seen.insert(next.name).second) continue;
    findings.push_back({Finding::Severity::kWarning, place_at(source, next.at),
                        fmt::format("${{{0}}} has no value: give it one with --substitute "
                                    "{0}=VALUE, or in the template's DefinitionSubstitutions",
                                    next.name)});
  }
}

// JSON of a YAML text.
void convert(Definition& definition) {
  auto node = parse_yaml(definition.json, YamlUse::kDefinition, definition.findings);
  if (!node) {
    definition.findings.push_back(node.error());
    return;
  }
  definition.json = std::make_shared<Source>(to_json(*node, definition.json->name));
}

bool is_json(const Source& source) {
  json::Arena arena;
  return json::parse(source.text, arena).has_value();
}

}  // namespace

bool Definition::is_readable() const {
  return std::ranges::none_of(findings, [](const Finding& finding) {
    return finding.severity == Finding::Severity::kError;
  });
}

std::vector<std::string> unused_values(const Substitutions& given,
                                       const std::set<std::string>& names) {
  std::vector<std::string_view> open;
  for (const std::string& name : names) {
    if (!given.contains(name)) open.push_back(name);
  }
  std::vector<std::string> sentences;
  for (const auto& [name, value] : given) {
    if (names.contains(name)) continue;
    const std::string meant = asl::nearest(name, open);
    sentences.push_back(fmt::format("The definition has no ${{{0}}} for --substitute {0}{1}", name,
                                    meant.empty() ? "" : fmt::format("; did you mean {}?", meant)));
  }
  return sentences;
}

std::string_view unfilled_name(std::string_view text) { return next_placeholder(text, 0).name; }

Format format_of(std::string_view path) {
  return path.ends_with(".yaml") || path.ends_with(".yml") ? Format::kYaml : Format::kJson;
}

std::shared_ptr<const Source> file_source(std::string path, std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return std::make_shared<Source>(Source{.name = std::move(path), .text = std::move(text)});
}

Definition read_definition(const std::shared_ptr<const Source>& source, Format format,
                           const Substitutions& substitutions) {
  Definition definition{.json = source, .findings = {}};
  collect_names(source->text, definition.names);
  for (int round = 0; !substitutions.empty(); ++round) {
    auto filled = fill_in(definition.json, substitutions);
    if (filled == definition.json) break;
    definition.json = std::move(filled);
    collect_names(definition.json->text, definition.names);
    if (round < kRoundsMax) continue;
    definition.findings.push_back({Finding::Severity::kError, place_at(source, 0),
                                   "The values of its substitutions hold each other"});
    return definition;
  }
  note_leftovers(definition.json, definition.findings);
  if (format == Format::kJson || is_json(*definition.json)) return definition;
  if (format == Format::kYaml) {
    convert(definition);
    return definition;
  }
  Definition yaml = definition;
  convert(yaml);
  // What is neither is told as the JSON that its beginning promises.
  const bool looks_like_json = source->text.find_first_not_of(" \t\r\n") == source->text.find('{');
  if (!yaml.is_readable() && looks_like_json) return definition;
  if (yaml.is_readable() && looks_like_json) {
    yaml.findings.push_back({Finding::Severity::kWarning, place_at(source, 0),
                             "This is no JSON (a comma too many, a comment?) but YAML, as which "
                             "CloudFormation reads it; CreateStateMachine would refuse it"});
  }
  return yaml;
}

std::vector<Located> locate(const Definition& definition,
                            const std::vector<asl::Diagnostic>& diagnostics) {
  std::vector<Located> all;
  for (const asl::Diagnostic& diagnostic : diagnostics) {
    Located located{.diagnostic = diagnostic};
    if (diagnostic.line != 0) {
      const size_t offset = offset_of(definition.json->text, diagnostic.line, diagnostic.column);
      const Place place = place_at(definition.json, offset);
      located.source = place.source;
      located.diagnostic.line = place.line;
      located.diagnostic.column = place.column;
    }
    all.push_back(std::move(located));
  }
  return all;
}

}  // namespace weft::definitions
