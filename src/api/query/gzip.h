#pragma once

#include <string>
#include <string_view>

namespace weft::api {

// `text` as a gzip file, compressed for speed.
std::string gzip(std::string_view text);

}  // namespace weft::api
