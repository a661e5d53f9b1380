#pragma once

#include <span>
#include <string_view>

namespace weft::api {

// A file of the page, put in by the build (embed_page.cmake).
struct PageFile {
  std::string_view path;  // below kPagePath: "index.html", "assets/app-1a2b.js"
  std::string_view text;
};

// All of them; none in a build without the page.
std::span<const PageFile> page_files();

}  // namespace weft::api
