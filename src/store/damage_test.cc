#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/salvage.h"
#include "store/store.h"
#include "store/table_file.h"

// Damage to any file of a store, after a clean stop and after a kill: what was acknowledged is all
// there, or the store refuses and names a file; never is something else read. WEFT_DAMAGE_CASES
// and WEFT_DAMAGE_SEED run more of them (`./dev damage`). And what is salvaged of it is what was
// written, then or before.

namespace weft::store {
namespace {

namespace fs = std::filesystem;
using Random = std::mt19937_64;
using Content = std::map<std::pair<Family, std::string>, std::string>;
using Written = std::map<std::pair<Family, std::string>, std::set<std::string>>;

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

void write_some(Store& store, Random& random, int batches, Content& content, Written& written) {
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
        written[place].insert(content[place]);
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

fs::path largest_table(const fs::path& directory) {
  fs::path table;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".sst" &&
        (table.empty() || fs::file_size(entry.path()) > fs::file_size(table)))
      table = entry.path();
  }
  return table;
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
      write_some(**writer, random, 60, content_, written_);
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
    return compare(**store);
  }

  std::string compare(const Store& store) const {
    for (const Family family : kFamilies) {
      Content found;
      auto read = store.scan(family, "", "", false, [&](auto key, auto value) {
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

  // Damages a file of a copy, and says how.
  Damaged damage_one(uint64_t seed, uint64_t i, const char*& state) {
    Random random(seed * 1'000'003 + i);
    state = random() % 2 == 0 ? "stopped" : "killed";
    copy_case(state);
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(root_ / "case")) files.push_back(entry.path());
    std::ranges::sort(files);
    return damage(files[random() % files.size()], random);
  }

  fs::path root_;
  Content content_;
  Written written_;  // at any time
};

// Of a table or a blob file, which are many, that very one; else whichever shows it.
bool names_a_file(const std::string& message, const std::string& damaged) {
  if (damaged.ends_with(".sst") || damaged.ends_with(".blob")) return message.contains(damaged);
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
    const char* state = nullptr;
    const Damaged done = damage_one(seed, i, state);
    // Opening it to write looks at it as a reader does first; some are read before, too.
    for (const bool read_only : {true, false}) {
      if (read_only && i % 4 != 0) continue;
      const std::string read = read_all(read_only);
      ++outcomes[read.empty() ? "all there" : "refused"];
      EXPECT_NE(read, "DIFFERENT") << "case " << i << ", " << state << ": " << done.file << " "
                                   << done.what << (read_only ? "" : ", opened for writing");
      EXPECT_TRUE(read.empty() || read == "DIFFERENT" || names_a_file(read, done.file))
          << "case " << i << ", " << state << ": " << done.file << " " << done.what << ": " << read;
    }
  }
  EXPECT_GT(outcomes["refused"], 0);
  EXPECT_GT(outcomes["all there"], 0);
  fmt::print("{} cases: {} openings had everything, {} were refused\n", cases,
             outcomes["all there"], outcomes["refused"]);
}

// Every value that is salvaged was once written at its key, and without a word nothing is missing.
TEST_F(Damage, OfAnyFile_LeavesWhatCanBeSalvaged) {
  const uint64_t cases = std::max<uint64_t>(setting("WEFT_DAMAGE_CASES", kCases) / 20, 25);
  const uint64_t seed = setting("WEFT_DAMAGE_SEED", 1) + 7'000;
  std::map<std::string, int> outcomes;
  uint64_t keys = 0;
  for (uint64_t i = 0; i < cases; ++i) {
    const char* state = nullptr;
    const Damaged done = damage_one(seed, i, state);
    const auto before = files_of(root_ / "case");
    const fs::path to = root_ / "salvaged";
    fs::remove_all(to);
    std::string wrong;
    const auto copied =
        salvage((root_ / "case").string(), to.string(),
                [&](Family family, std::string_view key, std::string_view value) {
                  const auto& written = written_[{family, std::string(key)}];
                  if (family != Family::kMeta && !written.contains(std::string(value))) wrong = key;
                });
    const std::string what = fmt::format("case {}, {}: {} {}", i, state, done.file, done.what);
    EXPECT_EQ(wrong, "") << what;
    EXPECT_EQ(files_of(root_ / "case"), before) << what << ": the source was changed";
    EXPECT_FALSE(fs::exists(to.string() + ".view")) << what;
    if (!copied) {
      ++outcomes["nothing"];
      EXPECT_TRUE(done.file.starts_with("MANIFEST-")) << what << ": " << copied.error().message;
      continue;
    }
    auto store = open_rocksdb(small(to));
    ASSERT_TRUE(store) << what << ": " << store.error().message;
    const std::string compared = compare(**store);
    EXPECT_TRUE(compared == "" || !copied->missing.empty()) << what << ": silent";
    ++outcomes[compared == "" ? "all" : "part"];
    for (const Family family : kFamilies) keys += copied->keys[static_cast<size_t>(family)];
  }
  EXPECT_GT(outcomes["all"], 0);
  EXPECT_GT(outcomes["part"], 0);
  EXPECT_EQ(outcomes["nothing"], 0);
  fmt::print("{} cases: all of {} salvaged, part of {}, nothing of {}; {} of {} keys on average\n",
             cases, outcomes["all"], outcomes["part"], outcomes["nothing"], keys / cases,
             content_.size());
}

// By a wrong end of a table RocksDB reads what is no block, and aborts.
TEST_F(Damage, OfATablesEnd_IsRefused) {
  constexpr uint64_t kEnd = 53;
  const fs::path table = largest_table(root_ / "stopped");
  const uint64_t size = fs::file_size(table);
  for (uint64_t i = 0; i < kEnd; ++i) {
    for (const bool zeros : {true, false}) {
      copy_case("stopped");
      const fs::path damaged = root_ / "case" / table.filename();
      if (zeros) {  // everything before, and this byte
        write_at(damaged, size - kEnd - 300, std::string(301 + i, '\0'));
      } else {
        const uint64_t at = size - kEnd + i;
        std::ifstream file(damaged, std::ios::binary);
        file.seekg(static_cast<std::streamoff>(at));
        write_at(damaged, at, std::string(1, static_cast<char>(file.get() ^ (i == 0 ? 4 : 0x11))));
      }
      const std::string read = read_all(true);
      EXPECT_TRUE(read.contains(table.filename().string())) << i << " " << zeros << ": " << read;
      if (i % 3 != 0) continue;  // it opens the store several times
      fs::remove_all(root_ / "salvaged");
      const auto copied = salvage((root_ / "case").string(), (root_ / "salvaged").string(),
                                  [](Family, std::string_view, std::string_view) {});
      ASSERT_TRUE(copied) << copied.error().message;
      EXPECT_FALSE(copied->missing.empty());
    }
    if (i > 8) i += 4;
  }
}

TEST_F(Damage, OfATablesFooterOrProperties_IsNoticedBeforeRocksdbOpensIt) {
  constexpr uint64_t kFooterAndProperties = 900;
  copy_case("stopped");
  const fs::path table = largest_table(root_ / "case");
  EXPECT_TRUE(table_end_is_whole(table.string()));
  std::ifstream in(table, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (uint64_t i = 1; i <= kFooterAndProperties; ++i) {
    const uint64_t at = whole.size() - i;
    for (const int bit : {0, 7}) {
      write_at(table, at, std::string(1, static_cast<char>(whole[at] ^ (1 << bit))));
      EXPECT_FALSE(table_end_is_whole(table.string())) << i << " from the end, bit " << bit;
    }
    write_at(table, at, whole.substr(at, 1));
  }
  for (const auto& entry : fs::directory_iterator(root_ / "case")) {
    if (entry.path().extension() == ".sst")
      EXPECT_TRUE(table_end_is_whole(entry.path().string())) << entry.path();
  }
}

TEST_F(Damage, SmallTables_CanBeMissing) {
  const fs::path tiny = root_ / "tiny";
  {
    auto store = open_rocksdb(small(tiny));
    ASSERT_TRUE(store) << store.error().message;
    Batch batch;
    for (const Family family : kFamilies) batch.put(family, "a", "1");
    ASSERT_TRUE((*store)->commit(std::move(batch)));
  }
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(tiny))
    if (entry.path().extension() == ".sst") tables.push_back(entry.path().filename());
  ASSERT_FALSE(tables.empty());
  for (const fs::path& table : tables) {
    copy_case("tiny");
    const fs::path damaged = root_ / "case" / table;
    ASSERT_LT(fs::file_size(damaged), 2'000U);
    write_at(damaged, fs::file_size(damaged) - 8, std::string(4, '\0'));  // its magic number
    fs::remove_all(root_ / "salvaged");
    const auto copied = salvage((root_ / "case").string(), (root_ / "salvaged").string(),
                                [](Family, std::string_view, std::string_view) {});
    ASSERT_TRUE(copied) << table << ": " << copied.error().message;
    EXPECT_FALSE(copied->missing.empty()) << table;
    EXPECT_TRUE(open_rocksdb(small(root_ / "salvaged"))) << table;
  }
}

TEST_F(Damage, AManifestIsSalvagedByItsCopy) {
  for (const char* state : {"stopped", "killed"}) {
    copy_case(state);
    for (const auto& entry : fs::directory_iterator(root_ / "case"))
      if (entry.path().filename().string().starts_with("MANIFEST-"))
        fs::resize_file(entry.path(), fs::file_size(entry.path()) / 2);
    std::ofstream(root_ / "case" / "CURRENT") << "MANIFEST-999999\n";
    fs::remove_all(root_ / "salvaged");
    const auto copied = salvage((root_ / "case").string(), (root_ / "salvaged").string(),
                                [](Family, std::string_view, std::string_view) {});
    ASSERT_TRUE(copied) << copied.error().message;
    EXPECT_TRUE(copied->missing.empty()) << copied->missing.front();
    auto store = open_rocksdb(small(root_ / "salvaged"));
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ(compare(**store), "") << state;
  }
}

}  // namespace
}  // namespace weft::store
