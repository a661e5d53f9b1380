#include "maprun/items/decoder.h"

#include <array>

#include <fmt/format.h>

#include "maprun/items/csv.h"
#include "maprun/items/json_document.h"
#include "maprun/items/json_lines.h"

namespace weft::maprun::items {
namespace {

// From so many bytes it is told whether a file is text.
constexpr size_t kBeginningBytes = 512;

struct Beginning {
  std::string_view bytes;
  std::string_view kind;
};

using std::string_view_literals::operator""sv;
constexpr std::array kBeginnings{
    Beginning{"\xFF\xFE\0\0"sv, "UTF-32"},
    Beginning{"\0\0\xFE\xFF"sv, "UTF-32"},
    Beginning{"\xFF\xFE"sv, "UTF-16"},
    Beginning{"\xFE\xFF"sv, "UTF-16"},
    Beginning{"\x1F\x8B"sv, "gzip (which is unpacked when the key ends in .gz)"},
    Beginning{"\x28\xB5\x2F\xFD"sv, "zstd (which is unpacked when the key ends in .zst or .zstd)"},
    Beginning{"PAR1\x15"sv, "Parquet"},
    Beginning{"PK\x03\x04"sv, "ZIP (as spreadsheets are, too)"},
    Beginning{"BZh91AY&SY"sv, "bzip2"},
    Beginning{"\xFD"
              "7zXZ\0"sv,
              "xz"},
};

// What a file with this beginning is; "" when it may be text.
std::string_view kind_of(std::string_view beginning) {
  for (const Beginning& one : kBeginnings) {
    if (beginning.starts_with(one.bytes)) return one.kind;
  }
  // Of UTF-16 without a mark every second byte is a NUL, as long as it is ASCII.
  const size_t nul = beginning.find('\0');
  if (nul < 2 && beginning.size() > 3 && beginning[nul + 2] == '\0' && beginning[nul ^ 1] != '\0')
    return "UTF-16";
  return "";
}

}  // namespace

std::unique_ptr<Decoder> make_decoder(const Format& format, std::string_view state) {
  switch (format.type) {
    case Format::Type::kJsonLines:
      return std::make_unique<JsonLines>();
    case Format::Type::kCsv:
      return std::make_unique<Csv>(format, state);
    case Format::Type::kJson:
    case Format::Type::kParquet:
      break;
  }
  return std::make_unique<JsonDocument>(format.pointer, state);
}

base::Result<std::optional<size_t>> byte_order_mark(const Piece& piece) {
  if (piece.offset != 0) return 0;
  if (piece.text.size() < kBeginningBytes && !piece.last) return std::nullopt;
  if (const std::string_view found = kind_of(piece.text); !found.empty()) {
    return base::fail(base::ErrorCode::kInvalidJson,
                      fmt::format("the file begins like {}; expected text in UTF-8", found));
  }
  if (const size_t nul = piece.text.substr(0, kBeginningBytes).find('\0'); nul != piece.text.npos) {
    return base::fail(base::ErrorCode::kInvalidJson,
                      fmt::format("the file has a NUL at byte {}, as no text has; expected text in "
                                  "UTF-8",
                                  nul));
  }
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  return piece.text.starts_with(kMark) ? kMark.size() : 0;
}

}  // namespace weft::maprun::items
