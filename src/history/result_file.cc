#include "history/result_file.h"

namespace weft::history {

std::string_view to_string(ResultFile::Kind kind) {
  switch (kind) {
    case ResultFile::Kind::kSucceeded:
      return "SUCCEEDED";
    case ResultFile::Kind::kFailed:
      return "FAILED";
    case ResultFile::Kind::kPending:
      return "PENDING";
  }
  return "";
}

}  // namespace weft::history
