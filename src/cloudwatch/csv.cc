#include "cloudwatch/csv.h"

#include <algorithm>

namespace weft::cloudwatch {

// Ends before the comma or line end after the field.
std::string CsvRows::take_field() {
  std::string field;
  if (at_ < text_.size() && text_[at_] == '"') {
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (c == '"') {
        const bool doubled = at_ + 1 < text_.size() && text_[at_ + 1] == '"';
        if (!doubled) break;
        ++at_;
      }
      field += c;
    }
    at_ = std::min(at_ + 1, text_.size());
  }
  const size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
  field += text_.substr(at_, end - at_);
  at_ = end;
  return field;
}

bool CsvRows::next(std::vector<std::string>& fields) {
  fields.clear();
  if (at_ >= text_.size()) return false;
  row_line_ = line_;
  while (true) {
    fields.push_back(take_field());
    if (at_ >= text_.size() || text_[at_++] == '\n') break;
  }
  ++line_;
  if (fields.back().ends_with('\r')) fields.back().pop_back();
  return true;
}

}  // namespace weft::cloudwatch
