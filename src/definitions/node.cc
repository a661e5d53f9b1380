#include "definitions/node.h"

#include "json/write.h"

namespace weft::definitions {
namespace {

class Writer {
 public:
  explicit Writer(Source& out) : out_(out) {}

  void value(const Node& node) {
    switch (node.kind) {
      case Node::Kind::kAbsent:
      case Node::Kind::kNull:
        begins(node.origin);
        out_.text += "null";
        break;
      case Node::Kind::kBool:
      case Node::Kind::kNumber:
        begins(node.origin);
        out_.text += node.text;
        break;
      case Node::Kind::kString:
        string(node.text, node.origin, node.text_pieces());
        break;
      case Node::Kind::kArray:
        list(node, '[', ']');
        break;
      case Node::Kind::kObject:
        list(node, '{', '}');
        break;
    }
  }

 private:
  void begins(const Origin& origin) {
    out_.pieces.push_back({.at = out_.text.size(), .origin = origin, .advances = false});
  }

  void list(const Node& node, char open, char close) {
    begins(node.origin);
    out_.text += open;
    bool first = true;
    for (size_t i = 0; i < node.items.size(); ++i) {
      if (node.items[i].kind == Node::Kind::kAbsent) continue;
      if (!std::exchange(first, false)) out_.text += ',';
      if (node.is_object()) {
        const Node::Name& name = node.names[i];
        string(name.text, name.origin, {{.origin = name.origin}});
        out_.text += ':';
      }
      value(node.items[i]);
    }
    out_.text += close;
  }

  // A string: a piece for its quote, then one wherever bytes of the JSON and of the text part ways.
  void string(std::string_view text, const Origin& origin, const std::vector<Piece>& pieces) {
    begins(origin);
    out_.text += '"';
    size_t next = 0;
    for (size_t at = 0; at < text.size();) {
      size_t end = at;
      while (end < text.size() && !is_escaped(text[end])) ++end;
      const size_t run = end - at;
      // Pieces of the text that begin in this run, and what the last one before it goes on with.
      while (next + 1 < pieces.size() && pieces[next + 1].at <= at) ++next;
      add(pieces[next], at, out_.text.size());
      for (size_t i = next + 1; i < pieces.size() && pieces[i].at < end; ++i)
        add(pieces[i], pieces[i].at, out_.text.size() + pieces[i].at - at);
      out_.text += text.substr(at, run);
      at = end;
      if (at == text.size()) break;
      while (next + 1 < pieces.size() && pieces[next + 1].at <= at) ++next;
      add(pieces[next], at, out_.text.size());
      std::string quoted;
      json::write_string(text.substr(at, 1), quoted);
      out_.text += std::string_view(quoted).substr(1, quoted.size() - 2);
      ++at;
    }
    out_.text += '"';
  }

  static bool is_escaped(char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  }

  // `piece` from byte `from` of its text on, at `at` of what is written.
  void add(const Piece& piece, size_t from, size_t at) {
    Piece moved = piece;
    if (moved.advances) moved.skip += from - std::min(from, piece.at);
    moved.at = at;
    out_.pieces.push_back(std::move(moved));
  }

  Source& out_;
};

}  // namespace

Source to_json(const Node& node, const std::string& name) {
  Source out{.name = name};
  Writer(out).value(node);
  return out;
}

std::string shown(const Node& node) {
  constexpr size_t kShownMax = 80;
  std::string text = to_json(node, "").text;
  if (text.size() <= kShownMax) return text;
  size_t end = kShownMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

}  // namespace weft::definitions
