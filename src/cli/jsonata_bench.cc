#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "aws/answer.h"
#include "base/ascii.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "json/parse.h"
#include "json/write.h"
#include "jsonata/expression.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;

constexpr int kRounds = 7;
constexpr int kParseRounds = 5;
// The clock is read once a batch of about this much CPU time.
constexpr int64_t kBatchNs = 1'000'000;

int64_t cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

// Bytes of memory the process holds.
int64_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  int64_t total = 0;
  int64_t resident = 0;
  in >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// One expression of the folder with its inputs, as text and parsed.
struct Subject {
  std::string id;
  std::string expression_text;
  std::string input_text;  // "" = no input
  std::string bindings_text;
  std::shared_ptr<const jsonata::Expression> expression;
  json::Value input;
  std::vector<jsonata::Binding> bindings;
};

struct Figures {
  std::string id;
  std::string digest;
  bool as_expected = true;
  int64_t eval_ns = 0;
  int64_t parse_ns = 0;
  int64_t whole_ns = 0;  // read the JSON texts, evaluate, print the result
};

// ECMAScript's order of members: whole numbers first, by value.
bool is_index(std::string_view key) {
  return !key.empty() && key.size() < 10 && (key == "0" || key[0] != '0') &&
         std::all_of(key.begin(), key.end(), base::is_digit);
}

bool canonical_before(std::string_view a, std::string_view b) {
  const bool index_a = is_index(a);
  if (index_a != is_index(b)) return index_a;
  if (index_a && a.size() != b.size()) return a.size() < b.size();
  return a < b;
}

// JSON with sorted members.
void write_canonical(const json::Value& value, std::string& out) {
  if (value.is_array()) {
    out += '[';
    for (size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ',';
      write_canonical(value.item(i), out);
    }
    out += ']';
  } else if (value.is_object()) {
    std::vector<size_t> order(value.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return canonical_before(value.key(a), value.key(b)); });
    const char* separator = "{";
    for (const size_t i : order) {
      out += separator;
      json::write_string(value.key(i), out);
      out += ':';
      write_canonical(value.member(i), out);
      separator = ",";
    }
    out += order.empty() ? "{}" : "}";
  } else {
    json::write(value, out);
  }
}

// The first 12 hex digits of the SHA-1 of the canonical JSON.
std::string digest_of(const json::Value& value) {
  std::string text;
  if (value.is_undefined()) {
    text = "undefined";
  } else {
    write_canonical(value, text);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  EVP_Digest(text.data(), text.size(), bytes.data(), nullptr, EVP_sha1(), nullptr);
  std::string digest;
  for (size_t i = 0; i < 6; ++i) digest += fmt::format("{:02x}", bytes[i]);
  return digest;
}

// CPU time of one `run`: the median of `rounds` rounds of `round_ms`, after half a round of
// warming.
template <typename Run>
int64_t median_ns(int rounds, int64_t round_ms, Run run) {
  const auto round = [&](int64_t limit_ns) {
    const int64_t start = cpu_ns();
    int64_t now = start;
    int64_t count = 0;
    for (int64_t batch = 1; now - start < limit_ns;) {
      const int64_t batch_start = now;
      for (int64_t i = 0; i < batch; ++i) run();
      count += batch;
      now = cpu_ns();
      if (now - batch_start < kBatchNs) batch *= 2;
    }
    return (now - start) / count;
  };
  round(round_ms * 500'000);
  std::vector<int64_t> results;
  for (int i = 0; i < rounds; ++i) results.push_back(round(round_ms * 1'000'000));
  std::sort(results.begin(), results.end());
  return results[results.size() / 2];
}

class Bench {
 public:
  explicit Bench(const JsonataFlags& flags)
      : flags_(flags),
        dialect_(flags.dialect == "aws" ? jsonata::Dialect::kAws : jsonata::Dialect::kReference),
        budget_(flags.dialect == "aws" ? jsonata::Budget() : jsonata::Budget::unbounded()) {}

  base::Result<std::vector<Subject>> load();
  base::Result<Figures> time(const Subject& subject);
  // How many bytes the process grew by between a first tenth of `count` evaluations and the rest.
  int64_t growth(const Subject& subject, int64_t count);

 private:
  base::Result<Subject> load(const std::filesystem::path& path);
  base::Result<json::Value> parsed(const std::string& text, const std::string& path) {
    auto value = json::parse(text, inputs_);
    if (!value)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is not JSON: {}", path, value.error().message));
    return value;
  }
  json::Value evaluate(const Subject& subject) {
    const auto value = jsonata::evaluate(*subject.expression, subject.input, subject.bindings,
                                         arena_, environment_, budget_);
    return value ? *value : json::Value();
  }
  int64_t whole_ns(const Subject& subject);

  const JsonataFlags& flags_;
  jsonata::Dialect dialect_;
  jsonata::Budget budget_;
  jsonata::Environment environment_{.now_ms = 1'700'000'000'000, .random_seed = 1};
  json::Arena inputs_;  // of all subjects
  json::Arena arena_;   // of one evaluation
  json::Value digests_;
  std::string digests_text_;
};

base::Result<Subject> Bench::load(const std::filesystem::path& path) {
  const std::string base = (path.parent_path() / path.stem()).string();
  Subject subject;
  subject.id = path.stem();
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  subject.expression_text = std::move(*text);
  const auto expression = jsonata::Expression::compile(subject.expression_text, dialect_);
  if (!expression)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}: {}", path.string(), expression.error().code,
                            expression.error().message));
  subject.expression = *expression;
  if (auto input = read_file(base + ".input.json")) subject.input_text = std::move(*input);
  if (auto bindings = read_file(base + ".bindings.json"))
    subject.bindings_text = std::move(*bindings);
  return subject;
}

base::Result<std::vector<Subject>> Bench::load() {
  std::error_code problem;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(flags_.bench, problem)) {
    const std::string stem = entry.path().stem();
    if (entry.path().extension() == ".expr" && stem.find(flags_.only) != std::string::npos)
      paths.push_back(entry.path());
  }
  if (paths.empty())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} holds no .expr file to time", flags_.bench));
  std::sort(paths.begin(), paths.end());
  if (auto text = read_file(flags_.bench + "/digests.json")) {
    digests_text_ = std::move(*text);
    const auto digests = parsed(digests_text_, flags_.bench + "/digests.json");
    if (!digests) return std::unexpected(digests.error());
    digests_ = *digests;
  }
  std::vector<Subject> subjects;
  for (const auto& path : paths) {
    auto subject = load(path);
    if (!subject) return std::unexpected(subject.error());
    subjects.push_back(std::move(*subject));
  }
  // Parsed values refer to the texts, which stay where they are from here on.
  for (Subject& subject : subjects) {
    if (!subject.input_text.empty()) {
      const auto input = parsed(subject.input_text, subject.id + ".input.json");
      if (!input) return std::unexpected(input.error());
      subject.input = *input;
    }
    if (subject.bindings_text.empty()) continue;
    const auto bindings = parsed(subject.bindings_text, subject.id + ".bindings.json");
    if (!bindings) return std::unexpected(bindings.error());
    for (size_t i = 0; i < bindings->size(); ++i)
      subject.bindings.push_back({bindings->key(i), bindings->member(i)});
  }
  return subjects;
}

int64_t Bench::whole_ns(const Subject& subject) {
  std::string out;
  std::vector<jsonata::Binding> bindings;
  return median_ns(kRounds, flags_.round_ms, [&] {
    arena_.reset();
    bindings.clear();
    json::Value input;
    if (!subject.input_text.empty()) input = *json::parse(subject.input_text, arena_);
    const json::Value variables =
        subject.bindings_text.empty() ? json::Value() : *json::parse(subject.bindings_text, arena_);
    for (size_t i = 0; i < variables.size(); ++i)
      bindings.push_back({variables.key(i), variables.member(i)});
    const auto value =
        jsonata::evaluate(*subject.expression, input, bindings, arena_, environment_, budget_);
    out.clear();
    if (value) json::write(*value, out);
  });
}

base::Result<Figures> Bench::time(const Subject& subject) {
  Figures figures{.id = subject.id};
  arena_.reset();
  const auto first = jsonata::evaluate(*subject.expression, subject.input, subject.bindings, arena_,
                                       environment_, budget_);
  if (!first)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}: {}", subject.id, first.error().code, first.error().message));
  figures.digest = digest_of(*first);
  const json::Value expected = digests_.find(subject.id);
  figures.as_expected = !expected.is_string() || expected.as_string() == figures.digest;
  figures.eval_ns = median_ns(kRounds, flags_.round_ms, [&] {
    arena_.reset();
    evaluate(subject);
  });
  figures.parse_ns = median_ns(kParseRounds, std::min<int64_t>(flags_.round_ms, 100), [&] {
    (void)jsonata::Expression::compile(subject.expression_text, dialect_);
  });
  figures.whole_ns = whole_ns(subject);
  return figures;
}

int64_t Bench::growth(const Subject& subject, int64_t count) {
  const auto run = [&](int64_t times) {
    for (int64_t i = 0; i < times; ++i) {
      arena_.reset();
      evaluate(subject);
    }
  };
  run(count / 10);
  const int64_t before = resident_bytes();
  run(count - count / 10);
  return resident_bytes() - before;
}

void print_figures(const Figures& figures, bool as_json) {
  if (!as_json) {
    fmt::print("{:<22} eval {:>10} ns  parse {:>8} ns  texts to text {:>10} ns  {}{}\n", figures.id,
               figures.eval_ns, figures.parse_ns, figures.whole_ns, figures.digest,
               figures.as_expected ? "" : "  DIFFERS");
    return;
  }
  json::Arena arena;
  fmt::print("{}\n", aws::Answer(arena)
                         .text("id", figures.id)
                         .number("eval_cpu_ns", figures.eval_ns)
                         .number("parse_cpu_ns", figures.parse_ns)
                         .number("texts_cpu_ns", figures.whole_ns)
                         .text("digest", figures.digest)
                         .flag("as_expected", figures.as_expected)
                         .to_text());
}

}  // namespace

base::Result<int> jsonata_bench(const JsonataFlags& flags) {
  // What the allocator keeps back between evaluations.
  constexpr int64_t kGrowthMax = 1024 * 1024;
  Bench bench(flags);
  const auto subjects = bench.load();
  if (!subjects) return std::unexpected(subjects.error());
  bool fine = true;
  for (const Subject& subject : *subjects) {
    if (flags.evaluations > 0) {
      const int64_t bytes = bench.growth(subject, flags.evaluations);
      fine = fine && bytes <= kGrowthMax;
      fmt::print("{:<22} {} evaluations: {:+} KiB{}\n", subject.id, flags.evaluations, bytes / 1024,
                 bytes <= kGrowthMax ? "" : "  GREW");
      continue;
    }
    const auto figures = bench.time(subject);
    if (!figures) return std::unexpected(figures.error());
    fine = fine && figures->as_expected;
    print_figures(*figures, flags.json);
    std::fflush(stdout);
  }
  return fine ? 0 : 1;
}

}  // namespace weft::cli
