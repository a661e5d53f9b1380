#pragma once

#include <span>
#include <string_view>

#include "jsonata/function.h"

namespace weft::jsonata {

// One function of the library as it is written down: name without $, signature ("" for none), the
// arity higher-order functions see, the implementation.
struct LibraryEntry {
  std::string_view name;
  std::string_view signature;
  uint32_t arity;
  NativeFunction::Implementation implementation;
};

// The groups of the library, one a file.
std::span<const LibraryEntry> string_functions();
std::span<const LibraryEntry> text_codec_functions();
std::span<const LibraryEntry> matching_functions();
std::span<const LibraryEntry> number_functions();
std::span<const LibraryEntry> picture_functions();
std::span<const LibraryEntry> aggregate_functions();
std::span<const LibraryEntry> array_functions();
std::span<const LibraryEntry> object_functions();
std::span<const LibraryEntry> higher_order_functions();
std::span<const LibraryEntry> general_functions();
std::span<const LibraryEntry> time_functions();
std::span<const LibraryEntry> reference_functions();  // kReference only
std::span<const LibraryEntry> aws_functions();  // kAws only; hide general ones of the same name

// The function called `name` in a dialect; nullptr when there is none. Static, shared by all
// evaluations.
const NativeFunction* find_library_function(std::string_view name, Dialect dialect);

}  // namespace weft::jsonata
