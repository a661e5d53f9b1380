#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

// DuckDB's C API (duckdb.h, "stable"), as far as Parquet files need it, from a shared library that
// is loaded while the program runs. See docs/adr/0009-parquet.md.

namespace weft::s3::duckdb {

// A result is handed over by value: this is its layout in duckdb.h.
struct Result {
  uint64_t deprecated[3] = {};
  void* deprecated_columns = nullptr;
  char* deprecated_error_message = nullptr;
  void* internal_data = nullptr;
};

// A text of a vector: up to 12 bytes stand inside.
struct Text {
  uint32_t length;
  char start[4];
  const char* pointer;
};
static_assert(sizeof(Text) == 16);

// States are 0 when all went well; each object ends with its destroy or close.
struct Library {
  int (*open)(const char* path, void** database) = nullptr;
  void (*close)(void** database) = nullptr;
  int (*connect)(void* database, void** connection) = nullptr;
  void (*disconnect)(void** connection) = nullptr;
  int (*query)(void* connection, const char* sql, Result* result) = nullptr;
  void (*destroy_result)(Result* result) = nullptr;
  const char* (*result_error)(Result* result) = nullptr;
  int (*prepare)(void* connection, const char* sql, void** statement) = nullptr;
  const char* (*prepare_error)(void* statement) = nullptr;
  void (*destroy_prepare)(void** statement) = nullptr;
  int (*pending_prepared_streaming)(void* statement, void** pending) = nullptr;
  const char* (*pending_error)(void* pending) = nullptr;
  void (*destroy_pending)(void** pending) = nullptr;
  int (*execute_pending)(void* pending, Result* result) = nullptr;
  void* (*fetch_chunk)(Result result) = nullptr;
  uint64_t (*chunk_size)(void* chunk) = nullptr;
  void* (*chunk_vector)(void* chunk, uint64_t column) = nullptr;
  void* (*vector_data)(void* vector) = nullptr;
  void (*destroy_chunk)(void** chunk) = nullptr;
};

// Loads the library `path`; "" = libduckdb.so beside the program (../lib), else where the loader
// finds it. It stays loaded. kNotFound: where was looked, and how to get it.
base::Result<Library> load(const std::string& path);

}  // namespace weft::s3::duckdb
