// How fast the readers of a Distributed Map decode: a file made in memory, one core, best of three.
//   bench_items [MEGABYTES]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "maprun/items/file_items.h"

namespace {

using namespace weft;
using namespace weft::maprun::items;

class InMemory : public Bytes {
 public:
  explicit InMemory(const std::string& text) : text_(text) {}
  const std::string& version() const override { return version_; }
  uint64_t size() const override { return text_.size(); }
  base::Result<std::string> read(uint64_t offset, size_t size) override {
    return text_.substr(std::min<uint64_t>(offset, text_.size()), size);
  }

 private:
  const std::string& text_;
  std::string version_ = "v";
};

template <typename Row>
std::string file(size_t bytes, std::string_view head, Row row) {
  std::string text(head);
  for (size_t i = 0; text.size() < bytes; ++i) text += row(i);
  return text;
}

void time_of(const char* what, const std::string& text, Format format) {
  double best = 1e9;
  size_t count = 0;
  for (int i = 0; i < 3; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    FileItems items(std::make_shared<InMemory>(text), Packing::kNone, format, {});
    std::vector<base::Text> page;
    count = 0;
    for (bool more = true; more;) {
      page.clear();
      auto next = items.next(1'000, page);
      if (!next) {
        std::printf("  %s: %s\n", what, next.error().message.c_str());
        return;
      }
      more = *next;
      count += page.size();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  std::printf("  %-28s %7.0f MB/s %9.0f items/ms   (%zu)\n", what,
              static_cast<double>(text.size()) / 1e6 / best,
              static_cast<double>(count) / 1e3 / best, count);
}

}  // namespace

int main(int argc, char** argv) {
  const size_t bytes = (argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100) * 1'000'000;
  Format csv;
  csv.type = Format::Type::kCsv;
  Format lines;
  lines.type = Format::Type::kJsonLines;
  const std::string json = R"({{"id":{},"name":"customer {}","tags":["a","b"],"amount":{}.5}})";
  time_of("CSV, plain, 8 columns",
          file(bytes, "id,first,last,email,city,country,amount,date\n",
               [](size_t i) {
                 return fmt::format(
                     "{},Ada,Lovelace,ada{}@example.com,London,GB,{}.50,"
                     "2026-11-29\n",
                     i, i, i % 1'000);
               }),
          csv);
  time_of("CSV, all quoted",
          file(bytes, "\"id\",\"text\",\"note\"\n",
               [](size_t i) {
                 return fmt::format("\"{}\",\"one, two\",\"said \"\"{}\"\"\nand left\"\n", i, i);
               }),
          csv);
  time_of(
      "JSON Lines",
      file(bytes, "", [&](size_t i) { return fmt::format(fmt::runtime(json + "\n"), i, i, i); }),
      lines);
  time_of(
      "JSON array",
      file(bytes, "[0", [&](size_t i) { return fmt::format(fmt::runtime("," + json), i, i, i); }) +
          "]",
      {});
  return 0;
}
