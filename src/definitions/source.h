#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Texts that remember where their parts come from: a definition that was read from YAML, filled in
// from a template and joined from pieces still tells the line and column that a person wrote.

namespace weft::definitions {

struct Source;

// How the characters of a scalar stand in its source.
enum class Style : uint8_t {
  kVerbatim,  // as they are (a part of a file)
  kPlain,
  kSingleQuoted,
  kDoubleQuoted,  // YAML's and JSON's
  kLiteral,       // a block after '|'
  kPoint,         // not to be told apart: all of them stand at the beginning
};

// Where something begins in a source. Without a source it stands nowhere.
struct Origin {
  std::shared_ptr<const Source> source;
  size_t offset = 0;  // bytes
  Style style = Style::kPoint;
};

// From byte `at` of a text up to the next piece: comes from `origin`, of whose decoded bytes `skip`
// come before; `advances`: the following bytes come from the following ones, else all from the same
// place.
struct Piece {
  size_t at = 0;
  Origin origin;
  size_t skip = 0;
  bool advances = true;
};

// A text and where it comes from: a file (no pieces), or made of pieces of other sources, in order
// of `at`.
struct Source {
  std::string name;  // the file's path as the user knows it
  std::string text;
  std::vector<Piece> pieces;
};

// A place in a file. `source` is null when there is none.
struct Place {
  std::shared_ptr<const Source> source;
  size_t line = 0;    // 1-based
  size_t column = 0;  // 1-based, in characters
};

// Where byte `offset` of `source` stands in the file it comes from.
Place place_at(const std::shared_ptr<const Source>& source, size_t offset);
// Where the byte after `decoded` decoded bytes of what begins at `origin` stands.
Place place_of(const Origin& origin, size_t decoded = 0);
// The same byte as an origin of its own.
Origin origin_of(const Origin& origin, size_t decoded);

// The byte of `text` at this line and column (1-based, in characters); its size when there is none.
size_t offset_of(std::string_view text, size_t line, size_t column);

// One thing to say about a template or a definition.
struct Finding {
  enum class Severity : uint8_t { kError, kWarning };
  Severity severity = Severity::kWarning;
  Place place;
  std::string message;  // a sentence
};

}  // namespace weft::definitions
