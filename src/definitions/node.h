#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "definitions/source.h"

namespace weft::definitions {

// A value of a YAML or JSON document with the place where it stands. A plain value.
struct Node {
  enum class Kind : uint8_t {
    kAbsent,  // AWS::NoValue: leaves no trace in what holds it
    kNull,
    kBool,
    kNumber,
    kString,
    kArray,
    kObject
  };
  // The name of a member.
  struct Name {
    std::string text;
    Origin origin;
  };

  Kind kind = Kind::kNull;
  // Of a string its characters (UTF-8), of a number or a truth value its JSON text.
  std::string text;
  Origin origin;
  std::vector<Node> items;    // of an array, or the values of an object's members
  std::vector<Name> names;    // of an object, one for each of `items`
  std::vector<Piece> pieces;  // of a string that was made of others; else empty
  // Some of it could not be had; the text has `${Name}` in its place.
  bool unresolved = false;

  bool is_object() const { return kind == Kind::kObject; }
  bool is_array() const { return kind == Kind::kArray; }
  bool is_string() const { return kind == Kind::kString; }
  bool is_scalar() const {
    return kind == Kind::kString || kind == Kind::kNumber || kind == Kind::kBool;
  }
  // The member called `name` of an object; nullptr when there is none.
  const Node* find(std::string_view name) const {
    for (size_t i = names.size(); i-- > 0;) {
      if (names[i].text == name) return &items[i];
    }
    return nullptr;
  }
  // Where its text comes from.
  std::vector<Piece> text_pieces() const {
    if (!pieces.empty()) return pieces;
    return {{.origin = origin, .advances = origin.style != Style::kPoint}};
  }
};

inline Node string_node(std::string text, const Origin& origin) {
  return {.kind = Node::Kind::kString, .text = std::move(text), .origin = origin};
}

// The text of a scalar; "" of everything else, and of nothing.
inline std::string scalar_text(const Node* node) {
  return node != nullptr && node->is_scalar() ? node->text : std::string();
}

// The value as compact JSON, every part of it with its place.
Source to_json(const Node& node, const std::string& name);

// The value as JSON, as far as a finding quotes it.
std::string shown(const Node& node);

}  // namespace weft::definitions
