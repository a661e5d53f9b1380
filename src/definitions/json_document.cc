#include <utility>

#include "definitions/yaml.h"
#include "json/parse.h"
#include "json/position_index.h"
#include "json/write.h"

namespace weft::definitions {
namespace {

class Converter {
 public:
  explicit Converter(const std::shared_ptr<const Source>& source)
      : source_(source), index_(source->text) {}

  Node convert(const json::Value& value) {
    Node node{.origin = origin(false)};
    switch (value.kind()) {
      case json::Kind::kBool:
        node.kind = Node::Kind::kBool;
        node.text = value.as_bool() ? "true" : "false";
        break;
      case json::Kind::kNumber:
        node.kind = Node::Kind::kNumber;
        node.text = json::to_text(value);
        break;
      case json::Kind::kString:
        node.kind = Node::Kind::kString;
        node.text = value.as_string();
        break;
      case json::Kind::kArray:
        node.kind = Node::Kind::kArray;
        for (size_t i = 0; i < value.size(); ++i)
          node.items.push_back(nested(std::to_string(i), value.item(i)).second);
        break;
      case json::Kind::kObject:
        node.kind = Node::Kind::kObject;
        for (size_t i = 0; i < value.size(); ++i) {
          auto [name, item] = nested(json::escape_pointer_segment(value.key(i)), value.member(i));
          node.names.push_back({std::string(value.key(i)), std::move(name)});
          node.items.push_back(std::move(item));
        }
        break;
      default:
        break;
    }
    return node;
  }

 private:
  std::pair<Origin, Node> nested(const std::string& segment, const json::Value& value) {
    const size_t length = pointer_.size();
    pointer_ += '/' + segment;
    std::pair<Origin, Node> result{origin(true), convert(value)};
    pointer_.resize(length);
    return result;
  }

  Origin origin(bool name) const {
    const auto* entry = index_.find(pointer_);
    if (entry == nullptr) return {source_, 0, Style::kPoint};
    const size_t offset = (name ? entry->key : entry->value).offset;
    const bool quoted = offset < source_->text.size() && source_->text[offset] == '"';
    return {source_, offset, quoted ? Style::kDoubleQuoted : Style::kPoint};
  }

  std::shared_ptr<const Source> source_;
  json::PositionIndex index_;
  std::string pointer_;
};

}  // namespace

std::expected<Node, Finding> parse_json(const std::shared_ptr<const Source>& source) {
  json::Arena arena;
  const auto value = json::parse_located(source->text, arena);
  if (!value) {
    return std::unexpected(Finding{Finding::Severity::kError,
                                   place_at(source, value.error().offset),
                                   "This is no JSON: " + value.error().message});
  }
  return Converter(source).convert(*value);
}

}  // namespace weft::definitions
