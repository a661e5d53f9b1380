#include <algorithm>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "api/query/gzip.h"
#include "cli/import_fixture.h"
#include "json/write.h"

// The same events in the forms that users have them in: each file of a random mixture is another
// form, and all of them together give the spans of the original, byte for byte.

namespace weft::cli {
namespace {

using Lines = std::span<const std::string>;  // each with its newline

std::string_view bare(const std::string& line) {
  return std::string_view(line).substr(0, line.size() - 1);
}

std::string json_string(std::string_view text) {
  std::string out;
  json::write_string(text, out);
  return out;
}

std::string printed(std::string_view text) {
  json::Arena arena;
  std::string out;
  json::write_pretty(*json::parse(text, arena), out);
  return out + "\n";
}

// `piece` of each line, with `between` between them.
std::string joined(Lines lines, std::string_view between,
                   const std::function<std::string(const std::string&)>& piece) {
  std::string out;
  for (const std::string& line : lines)
    out += (out.empty() ? "" : std::string(between)) + piece(line);
  return out;
}

std::string plain(Lines lines) {
  return joined(lines, "", [](const std::string& line) { return line; });
}

std::string exported_to_s3(Lines lines) {
  return api::gzip(
      joined(lines, "", [](const auto& line) { return "2024-06-24T12:32:25.123Z " + line; }));
}

std::string filter_log_events(Lines lines) {
  const auto event = [](const std::string& line) {
    return fmt::format(
        R"({{"logStreamName":"states/m/2024/1a2b","timestamp":1719232345123,"message":{},"ingestionTime":1719232345124,"eventId":"3"}})",
        json_string(bare(line)));
  };
  return R"({"events":[)" + joined(lines, ",", event) + R"(],"searchedLogStreams":[]})";
}

std::string get_log_events(Lines lines) {
  const auto event = [](const std::string& line) {
    return fmt::format(R"({{"timestamp":1719232345123,"message":{},"ingestionTime":1}})",
                       json_string(line));
  };
  return R"({"nextForwardToken":"f/1","events":[)" + joined(lines, ",", event) + "]}";
}

std::string get_query_results(Lines lines) {
  const auto row = [](const std::string& line) {
    return fmt::format(
        R"([{{"field":"@timestamp","value":"2024-06-24 12:32:25.123"}},{{"field":"@message","value":{}}},{{"field":"@ptr","value":"Cn4="}}])",
        json_string(bare(line)));
  };
  return R"({"queryLanguage":"CWLI","results":[)" + joined(lines, ",", row) +
         R"(],"statistics":{"recordsMatched":2.0},"status":"Complete"})";
}

std::string query_csv(Lines lines) {
  const auto row = [](const std::string& line) {
    std::string out = "2024-06-24 12:32:25.123,\"";
    for (const char c : bare(line)) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\",s\r\n";
  };
  return "@timestamp,@message,@logStream\r\n" + joined(lines, "", row);
}

std::string query_json(Lines lines) {
  const auto item = [](const std::string& line) {
    return fmt::format(R"({{"@timestamp":"t","@message":{}}})", bare(line));
  };
  return "[" + joined(lines, ",", item) + "]";
}

std::string tail_detailed(Lines lines) {
  return joined(lines, "", [](const std::string& line) {
    return "2024-06-24T12:32:25.123000+00:00 states/m/2024-06-24-12-32/1a2b " + line;
  });
}

std::string tail_json(Lines lines) {
  return joined(lines, "", [](const std::string& line) {
    return "2024-06-24T12:32:25.123000+00:00 states/m/2024-06-24-12-32/1a2b \n" + printed(line);
  });
}

std::string subscription(Lines lines) {
  const auto event = [](const std::string& line) {
    return fmt::format(R"({{"id":"1","timestamp":1,"message":{}}})", json_string(bare(line)));
  };
  return R"({"messageType":"DATA_MESSAGE","owner":"000000000000","logGroup":"g","logStream":"s",)"
         R"("subscriptionFilters":["f"],"logEvents":[)" +
         joined(lines, ",", event) + "]}";
}

std::string run_together(Lines lines) {
  return joined(lines, "", [](const std::string& line) { return std::string(bare(line)); });
}

struct Form {
  std::string_view name;
  std::string (*write)(Lines lines);
  bool is_json = false;  // one document
};
constexpr Form kForms[] = {{"plain", plain},
                           {"exported_to_s3", exported_to_s3},
                           {"filter_log_events", filter_log_events, true},
                           {"get_log_events", get_log_events, true},
                           {"get_query_results", get_query_results, true},
                           {"query_csv", query_csv},
                           {"query_json", query_json, true},
                           {"tail_detailed", tail_detailed},
                           {"tail_json", tail_json},
                           {"subscription", subscription, true},
                           {"run_together", run_together}};

// What could not be read, "" when all was.
std::string read_into(importing::Import& into, std::string_view file) {
  cloudwatch::LogReader reader([&](LogEvent line) { into.add(std::move(line)); });
  reader.read(file);
  return reader.rejects().empty() ? ""
                                  : reader.rejects()[0].place + ": " + reader.rejects()[0].reason;
}

class ImportFormsTest : public ImportTest {};

TEST_F(ImportFormsTest, EachForm_GivesTheSameSpans) {
  const std::vector<std::string> lines = log_lines({});
  const std::string expected = spans_of(*store_, arn_);
  for (const Form& form : kForms) {
    SCOPED_TRACE(form.name);
    const auto imported = store::open_memory();
    importing::Import into(*imported, base::Text());
    EXPECT_EQ(read_into(into, form.write(lines)), "");
    ASSERT_TRUE(into.finish());
    EXPECT_EQ(spans_of(*imported, arn_), expected);
  }
}

// Pieces of any size, some of them twice, in any order, each in a form of its own; JSON on one line
// or many, several documents in one file, gzipped or not.
TEST_F(ImportFormsTest, RandomMixtures_GiveTheSameSpans) {
  const std::string expected = spans_of(*store_, arn_);
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&random](size_t bound) { return random() % bound; };
    const std::vector<std::string> lines = delivered_lines(random);
    const auto imported = store::open_memory();
    importing::Import into(*imported, base::Text());
    for (size_t from = 0, size; from < lines.size(); from += size) {
      size = std::min(1 + below(400), lines.size() - from);
      const Lines some = Lines(lines).subspan(from, size);
      const Form& form = kForms[below(std::size(kForms))];
      SCOPED_TRACE(form.name);
      std::string file = form.write(some);
      if (form.is_json && below(2) == 0) file = printed(file);
      if (form.is_json && below(3) == 0) file += file;
      if (below(4) == 0) file = api::gzip(file);
      EXPECT_EQ(read_into(into, file), "");
    }
    ASSERT_TRUE(into.finish());
    EXPECT_EQ(spans_of(*imported, arn_), expected);
  }
}

// An answer of the service that stops in the middle gives what is whole in it, and the next file
// the rest.
TEST_F(ImportFormsTest, FilesThatAreCut_GiveWhatIsInThem) {
  const std::vector<std::string> lines = log_lines({});
  const std::string whole = printed(filter_log_events(lines));
  const auto imported = store::open_memory();
  importing::Import into(*imported, base::Text());
  cloudwatch::LogReader reader([&](LogEvent line) { into.add(std::move(line)); });
  reader.read(std::string_view(whole).substr(0, whole.size() / 2));
  EXPECT_EQ(reader.rejected(), 1u);
  EXPECT_GT(reader.events(), lines.size() / 3);
  EXPECT_EQ(read_into(into, plain(Lines(lines).subspan(lines.size() / 3))), "");
  ASSERT_TRUE(into.finish());
  EXPECT_EQ(spans_of(*imported, arn_), spans_of(*store_, arn_));
}

}  // namespace
}  // namespace weft::cli
