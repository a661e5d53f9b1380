#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "columns/columns.h"
#include "columns/filter.h"
#include "reading/query.h"
#include "trace/redact.h"

// How the failures of a Map Run's children are told to people: by the state and the name of the
// error first, by what the causes have in common second.

namespace weft::reading {

// Failures with one fingerprint.
struct ErrorCause {
  uint32_t fingerprint = 0;
  uint64_t count = 0;
  std::string message;      // of the first: what its cause says
  std::string example_arn;  // the first child that failed so
};

// Failures in one state with one error name.
struct ErrorKind {
  std::string state;  // where the child failed; "" when no state did (a time-out of the child)
  std::string error;  // "" when there was none
  uint64_t count = 0;
  std::vector<ErrorCause> causes;  // most frequent first
};

// So many fingerprints are read; the failures of all further ones are counted together.
inline constexpr size_t kCausesReadMax = 200;

struct ErrorKinds {
  std::vector<ErrorKind> kinds;  // most frequent first
  uint64_t other = 0;            // failures beyond kCausesReadMax fingerprints
};

// Of the rows that failed. Reads the first child of each fingerprint. Texts as `payloads` shows
// them.
base::Result<ErrorKinds> error_kinds(const Query& query, const records::MapRunRecord& run,
                                     const columns::Columns& columns, columns::RowSpan rows,
                                     const trace::Redactor& payloads);

// Gives conditions that name an error ("err:PictureError") the fingerprints of that name; none when
// no child failed so.
base::Result<void> resolve_errors(const Query& query, const records::MapRunRecord& run,
                                  const columns::Columns& columns, columns::Filter& filter);

}  // namespace weft::reading
