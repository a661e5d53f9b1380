#pragma once

#include <array>

#include "maprun/items/decoder.h"

namespace weft::maprun::items {

// Delimited text: each record after the header is an object of texts. As in AWS (recorded, and its
// page "ItemReader (Map)"): a field in quotes may hold delimiters and line ends, `""` is a quote, a
// backslash takes the next character as it is, missing fields are "", surplus ones are dropped, an
// empty line between records is a record of "". The members stand in the order of a Java HashMap.
class Csv : public Decoder {
 public:
  Csv(const Format& format, std::string_view state);

  base::Result<Decoded> decode(const Piece& piece, size_t max_items,
                               std::vector<base::Text>& items) override;
  std::string state() const override { return header_text_; }

 private:
  // A field's bytes in the piece. `raw`: with quotes or backslashes, which are not its value yet;
  // `escaped`: JSON writes it otherwise than the file.
  struct Field {
    size_t begin = 0;
    size_t end = 0;
    bool raw = false;
    bool escaped = false;
  };
  enum class Found : uint8_t { kRecord, kMore };

  // Splits the record at text[at] into fields_ and moves `at` behind it. kInvalidJson for what is
  // none, kMore included when no bytes follow; `where` is "CSV record" or "CSV header".
  base::Result<Found> read_record(const Piece& piece, size_t& at, std::string_view where);
  // Reads one field from `at` on; its end, npos when the piece ends before that is sure, or kStray
  // with the place in stray_.
  size_t read_field(const Piece& piece, size_t at, Field& field);
  // What follows a closing quote at `at`: blanks are part of the value.
  size_t read_behind_quote(const Piece& piece, size_t at, Field& field);
  // The same from behind the opening quote to behind the closing one.
  size_t read_quoted(const Piece& piece, size_t at, Field& field) const;
  std::string_view value_of(std::string_view text, const Field& field, std::string& scratch) const;
  base::Result<bool> take_header(const Piece& piece, size_t& at);
  base::Result<void> set_header(std::vector<std::string> names);
  base::Text item(std::string_view text);

  const char delimiter_;
  std::array<uint8_t, 256> class_;  // of each byte, see csv.cc
  std::vector<std::string> given_;
  bool ready_ = false;       // the header is known
  std::string header_text_;  // as it stands in the file
  std::vector<size_t> order_;
  std::vector<std::string> before_;  // what stands before the value of order_[i]
  std::vector<Field> fields_;
  size_t stray_ = 0;  // a byte of the piece where only the end of a field may be
  std::string scratch_;
  std::string quoted_;
  size_t item_bytes_ = 0;  // of the last item
};

}  // namespace weft::maprun::items
