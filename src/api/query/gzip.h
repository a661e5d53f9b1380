#pragma once

#include <string>
#include <string_view>

namespace weft::api {

// `text` as a gzip file, compressed for speed; `small` for what is packed once and sent often.
std::string gzip(std::string_view text, bool small = false);

}  // namespace weft::api
