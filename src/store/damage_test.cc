#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/store.h"

// Damage to any file of a store, after a clean stop and after a kill: what was acknowledged is all
// there, or the store refuses and names a file; never is something else read. WEFT_DAMAGE_CASES
// and WEFT_DAMAGE_SEED run more of them (`./dev damage`).

namespace weft::store {
namespace {

namespace fs = std::filesystem;
using Random = std::mt19937_64;
using Content = std::map<std::pair<Family, std::string>, std::string>;

constexpr Family kFamilies[] = {Family::kExecution, Family::kTurn, Family::kRow, Family::kMapRun,
                                Family::kName};
constexpr uint64_t kCases = 500;

uint64_t setting(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Many small files: several openings, and flushes in between.
OpenOptions small(const fs::path& directory) {
  return {.directory = directory.string(), .durability = Durability::kOs, .memory_bytes = 1u << 20};
}

std::string drawn_value(Random& random) {
  std::string value(random() % 900, '\0');
  for (char& byte : value) byte = static_cast<char>('a' + random() % 16);
  return value;
}

void write_some(Store& store, Random& random, int batches, Content& content) {
  for (int i = 0; i < batches; ++i) {
    Batch batch;
    for (const Family family : kFamilies) {
      std::string key;
      append_u64(key, random() % 400);
      const auto place = std::pair(family, key);
      if (random() % 10 == 0) {
        batch.remove(family, key);
        content.erase(place);
      } else {
        batch.put(family, key, content[place] = drawn_value(random));
      }
    }
    ASSERT_TRUE(store.commit(std::move(batch)));
  }
}

// Names, sizes and bytes of all files; nothing when one went meanwhile.
std::optional<std::map<std::string, std::string>> files_of(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    std::ifstream file(entry.path(), std::ios::binary);
    if (!file) return std::nullopt;
    files[entry.path().filename().string()] =
        std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

// The files of an open store, as a kill leaves them: at one moment, in which RocksDB's threads did
// nothing.
void copy_as_killed(const fs::path& store, const fs::path& to) {
  auto before = files_of(store);
  for (auto now = files_of(store); !before || !now || *before != *now; now = files_of(store))
    before = std::move(now);
  fs::create_directory(to);
  for (const auto& [name, bytes] : *before) std::ofstream(to / name, std::ios::binary) << bytes;
}

struct Damaged {
  std::string file;
  std::string what;
};

void write_at(const fs::path& path, uint64_t at, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at));
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

Damaged damage(const fs::path& path, Random& random) {
  const uint64_t size = fs::file_size(path);
  Damaged done{.file = path.filename().string()};
  const uint64_t at = size == 0 ? 0 : random() % size;
  switch (size == 0 ? 0 : random() % 6) {
    case 0:
      fs::remove(path);
      done.what = "deleted";
      break;
    case 1:
      fs::resize_file(path, at);
      done.what = fmt::format("cut to {} of {}", at, size);
      break;
    case 2: {
      const uint64_t count = std::min<uint64_t>(size - at, 1 + random() % 4'096);
      write_at(path, at, std::string(count, '\0'));
      done.what = fmt::format("{} zeros at {} of {}", count, at, size);
      break;
    }
    case 3:
      fs::resize_file(path, 0);
      done.what = "emptied";
      break;
    default: {
      std::ifstream file(path, std::ios::binary);
      file.seekg(static_cast<std::streamoff>(at));
      const char byte = static_cast<char>(file.get() ^ (1 << random() % 8));
      write_at(path, at, std::string(1, byte));
      done.what = fmt::format("a bit flipped at {} of {}", at, size);
    }
  }
  return done;
}

class Damage : public testing::Test {
 protected:
  void SetUp() override {
    const bool memory = fs::is_directory("/dev/shm");
    std::string pattern = (memory ? "/dev/shm/" : testing::TempDir()) + "weft-damage-XXXXXX";
    root_ = mkdtemp(pattern.data());
    Random random(7);
    const fs::path store = root_ / "store";
    for (int i = 0; i < 3; ++i) {
      auto writer = open_rocksdb(small(store));
      ASSERT_TRUE(writer) << writer.error().message;
      write_some(**writer, random, 60, content_);
      if (i == 2) copy_as_killed(store, root_ / "killed");
    }
    fs::rename(store, root_ / "stopped");
  }
  void TearDown() override { fs::remove_all(root_); }

  // "" when all that was written is read, an error's message, or "DIFFERENT".
  std::string read_all(bool read_only) {
    OpenOptions options = small(root_ / "case");
    options.read_only = read_only;
    auto store = open_rocksdb(options);
    if (!store) return store.error().message;
    for (const Family family : kFamilies) {
      Content found;
      auto read = (*store)->scan(family, "", "", false, [&](auto key, auto value) {
        found[{family, std::string(key)}] = value;
        return true;
      });
      if (!read) return read.error().message;
      const auto first = content_.lower_bound({family, ""});
      const auto last = content_.lower_bound({static_cast<Family>(int(family) + 1), ""});
      if (!std::equal(first, last, found.begin(), found.end())) return "DIFFERENT";
    }
    return "";
  }

  void copy_case(const char* state) {
    fs::remove_all(root_ / "case");
    fs::copy(root_ / state, root_ / "case");
  }

  fs::path root_;
  Content content_;
};

bool names_a_file(const std::string& message) {
  for (const char* name :
       {".log", ".sst", ".blob", "MANIFEST", "CURRENT", "WATERMARK", "INVENTORY"})
    if (message.contains(name)) return true;
  return false;
}

TEST_F(Damage, UndamagedStores_AreRead) {
  for (const char* state : {"stopped", "killed"}) {
    for (const bool read_only : {true, false}) {
      copy_case(state);
      EXPECT_EQ(read_all(read_only), "") << state;
    }
  }
}

TEST_F(Damage, OfAnyFile_IsNeverSilent) {
  const uint64_t cases = setting("WEFT_DAMAGE_CASES", kCases);
  const uint64_t seed = setting("WEFT_DAMAGE_SEED", 1);
  std::map<std::string, int> outcomes;
  for (uint64_t i = 0; i < cases; ++i) {
    Random random(seed * 1'000'003 + i);
    const char* state = random() % 2 == 0 ? "stopped" : "killed";
    copy_case(state);
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(root_ / "case")) files.push_back(entry.path());
    std::ranges::sort(files);
    const Damaged done = damage(files[random() % files.size()], random);
    // Opening it to write looks at it as a reader does first; some are read before, too.
    for (const bool read_only : {true, false}) {
      if (read_only && i % 4 != 0) continue;
      const std::string read = read_all(read_only);
      ++outcomes[read.empty() ? "all there" : "refused"];
      EXPECT_NE(read, "DIFFERENT") << "case " << i << ", " << state << ": " << done.file << " "
                                   << done.what << (read_only ? "" : ", opened for writing");
      EXPECT_TRUE(read.empty() || read == "DIFFERENT" || names_a_file(read))
          << "case " << i << ", " << state << ": " << done.file << " " << done.what << ": " << read;
    }
  }
  EXPECT_GT(outcomes["refused"], 0);
  EXPECT_GT(outcomes["all there"], 0);
  fmt::print("{} cases: {} openings had everything, {} were refused\n", cases,
             outcomes["all there"], outcomes["refused"]);
}

}  // namespace
}  // namespace weft::store
