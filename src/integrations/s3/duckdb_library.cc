#include "integrations/s3/duckdb_library.h"

#include <filesystem>

#include <dlfcn.h>
#include <fmt/format.h>

namespace weft::s3::duckdb {
namespace {

constexpr const char* kFileName = "libduckdb.so";

std::string usual_path() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = program.parent_path().parent_path() / "lib" / kFileName;
  return !error && std::filesystem::exists(beside, error) ? beside.string() : kFileName;
}

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, Library& out) {
  return find(library, "duckdb_open", out.open) && find(library, "duckdb_close", out.close) &&
         find(library, "duckdb_connect", out.connect) &&
         find(library, "duckdb_disconnect", out.disconnect) &&
         find(library, "duckdb_query", out.query) &&
         find(library, "duckdb_destroy_result", out.destroy_result) &&
         find(library, "duckdb_result_error", out.result_error) &&
         find(library, "duckdb_prepare", out.prepare) &&
         find(library, "duckdb_prepare_error", out.prepare_error) &&
         find(library, "duckdb_destroy_prepare", out.destroy_prepare) &&
         find(library, "duckdb_pending_prepared_streaming", out.pending_prepared_streaming) &&
         find(library, "duckdb_pending_error", out.pending_error) &&
         find(library, "duckdb_destroy_pending", out.destroy_pending) &&
         find(library, "duckdb_execute_pending", out.execute_pending) &&
         find(library, "duckdb_fetch_chunk", out.fetch_chunk) &&
         find(library, "duckdb_data_chunk_get_size", out.chunk_size) &&
         find(library, "duckdb_data_chunk_get_vector", out.chunk_vector) &&
         find(library, "duckdb_vector_get_data", out.vector_data) &&
         find(library, "duckdb_destroy_data_chunk", out.destroy_chunk);
}

}  // namespace

base::Result<Library> load(const std::string& path) {
  const std::string wanted = path.empty() ? usual_path() : path;
  void* library = ::dlopen(wanted.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return base::fail(
        base::ErrorCode::kNotFound,
        fmt::format("Parquet files are read by DuckDB's library, which cannot be loaded: {}. "
                    "./dev parquet installs it for this build; elsewhere --parquet-library names "
                    "the file libduckdb.so",
                    ::dlerror()));
  }
  Library out;
  if (find_all(library, out)) return out;
  return base::fail(base::ErrorCode::kNotFound,
                    fmt::format("{} is not DuckDB's library, or one of an unknown version: it "
                                "lacks a function of its C API",
                                wanted));
}

}  // namespace weft::s3::duckdb
