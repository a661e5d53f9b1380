#include "cli/settings.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/app_flags.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() { fs::create_directories(folder_); }
  ~SettingsTest() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  // Parses a command line and takes the settings, as run_program() does.
  base::Result<void> parse(std::vector<std::string> arguments) {
    invocation_ = std::make_unique<Invocation>();
    app_ = std::make_unique<CLI::App>();
    add_commands(*app_, *invocation_);
    std::ranges::reverse(arguments);
    app_->parse(std::move(arguments));
    return take_settings(*app_, *app_->get_subcommands().front(), *invocation_);
  }
  void parsed(std::vector<std::string> arguments) {
    const auto done = parse(std::move(arguments));
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  const RunFlags& run() const { return invocation_->run; }

  // Of the process, and of this test alone.
  const fs::path folder_ =
      fs::path(testing::TempDir()) /
      fmt::format("weft-settings-{}-{}", getpid(), testing::UnitTest::GetInstance()->random_seed());
  std::unique_ptr<Invocation> invocation_;
  std::unique_ptr<CLI::App> app_;
};

constexpr const char* kWhole = R"(
data = "data"
durability = "os"
listen = "127.0.0.1:9000"
ui = true
detail-budget = 500
detail-bytes = "2MiB"
agent-port = 8126
redact = ["card", "$.items[*].pin"]
show-secrets = true
payload-bytes = 0
export = "otlp=http://127.0.0.1:4318"
http-deny = ["all"]
input = { from = "photos", n = [1, 2.5, true] }
state-machine = ["b.asl.json", "c=d/other.json,type=EXPRESS"]
substitute = ["Stage=dev", "@values.yaml"]

[bucket]
photos = "photos"
away = "/var/away"

[connection]
stripe = "stripe.json"

[function]
plain = "plain.mjs:run,concurrency=2,env.A=1"

[function.resize]
path = "resize.py"
handler = "run"
concurrency = 7
timeout = 2.5
memory = 1024
log_format = "JSON"
log_level = "debug"
env = { TABLE = "a,b=c", EMPTY = "" }
)";

TEST_F(SettingsTest, EveryKind_ReachesItsFlag_RelativeToTheFile) {
  write("plain.mjs", "");
  write("resize.py", "");
  write("values.yaml", "{}");
  write("stripe.json", R"({"AuthorizationType":"API_KEY","AuthParameters":{"ApiKeyAuthParameters":)"
                       R"({"ApiKeyName":"k","ApiKeyValue":"v"}}})");
  write("weft.toml", kWhole);
  parsed({"run", path("m.asl.json")});
  const RuntimeFlags& flags = run().runtime;
  EXPECT_EQ(flags.settings_file, path("weft.toml"));
  EXPECT_EQ(flags.data_directory, path("data"));
  EXPECT_EQ(flags.durability, "os");
  EXPECT_EQ(flags.listen, "127.0.0.1:9000");
  EXPECT_TRUE(run().ui);
  EXPECT_EQ(flags.detail_budget, 500U);
  EXPECT_EQ(flags.detail_bytes, 2U << 20);
  EXPECT_EQ(flags.agent_port, 8126);
  EXPECT_EQ(flags.otlp_port, -1);
  EXPECT_THAT(flags.redact.redact, ElementsAre("card", "$.items[*].pin"));
  EXPECT_TRUE(flags.redact.show_secrets);
  EXPECT_EQ(flags.redact.payload_bytes, 0U);
  EXPECT_THAT(flags.exports, ElementsAre("otlp=http://127.0.0.1:4318"));
  EXPECT_THAT(flags.integrations.at("--http-deny"), ElementsAre("all"));
  EXPECT_THAT(flags.integrations.at("--connection"), ElementsAre("stripe=" + path("stripe.json")));
  EXPECT_THAT(run().machines,
              ElementsAre(path("b.asl.json"), "c=" + path("d/other.json,type=EXPRESS")));
  EXPECT_THAT(run().substitutes, ElementsAre("Stage=dev", "@" + path("values.yaml")));
  EXPECT_THAT(flags.buckets, ElementsAre("photos=" + path("photos"), "away=/var/away"));
  EXPECT_THAT(run().input, HasSubstr(R"("from")"));
  ASSERT_EQ(flags.settings_functions.size(), 2U);
  const lambda::FunctionConfig& plain = flags.settings_functions[0];
  EXPECT_EQ(plain.name, "plain");
  EXPECT_EQ(plain.path, path("plain.mjs"));
  EXPECT_EQ(plain.handler, "run");
  EXPECT_EQ(plain.concurrency, 2);
  const lambda::FunctionConfig& resize = flags.settings_functions[1];
  EXPECT_EQ(resize.path, path("resize.py"));
  EXPECT_EQ(resize.handler, "run");
  EXPECT_EQ(resize.concurrency, 7);
  EXPECT_EQ(resize.timeout.count(), 2'500);
  EXPECT_EQ(resize.log_level, "DEBUG");
  EXPECT_EQ(resize.environment.at("TABLE"), "a,b=c");
  EXPECT_EQ(resize.environment.at("EMPTY"), "");
}

TEST_F(SettingsTest, TheCommandLine_WinsOverTheFile) {
  const std::string file = write("other.toml", R"(
data = "data"
redact = ["card"]
payload-bytes = 7
bucket = { photos = "photos", more = "more" }
)");
  parsed({"run", "m.asl.json", "--config", file, "--redact", "pin", "--payload-bytes", "9",
          "--bucket", "photos=here"});
  EXPECT_EQ(run().runtime.data_directory, path("data"));
  EXPECT_THAT(run().runtime.redact.redact, ElementsAre("pin"));
  EXPECT_EQ(run().runtime.redact.payload_bytes, 9U);
  EXPECT_THAT(run().runtime.buckets, ElementsAre("more=" + path("more"), "photos=here"));
}

TEST_F(SettingsTest, FlagsThatMayComeAgain_TakeOneValueEach) {
  parsed({"run", "--bucket", "a=b", "--bucket", "c=d", "m.asl.json"});
  EXPECT_THAT(run().runtime.buckets, ElementsAre("a=b", "c=d"));
  EXPECT_EQ(run().definition, "m.asl.json");
}

TEST_F(SettingsTest, ReadingCommands_TakeWhatTheyHave) {
  const std::string file =
      write("weft.toml", "data = \"data\"\nagent-port = 1\nredact = [\"x\"]\n");
  parsed({"list", "--config", file});
  EXPECT_EQ(invocation_->list.read.data.directory, path("data"));
  parsed({"trace", "latest", "--config", file});
  EXPECT_THAT(invocation_->trace.redact.redact, ElementsAre("x"));
  parsed({"list", "--config", file, "--endpoint", "http://127.0.0.1:1"});
  EXPECT_EQ(invocation_->list.read.data.directory, kDefaultDataDirectory);
  parsed({"import", "x", "--config", file});
  EXPECT_EQ(invocation_->import.data_directory, path("data"));
  parsed({"metrics", "--config", file});
  EXPECT_EQ(invocation_->metrics.data_directory, path("data"));
}

TEST_F(SettingsTest, AFileThatIsNotThere_IsAnErrorOnlyWhenItWasNamed) {
  parsed({"run", path("m.asl.json")});
  EXPECT_EQ(run().runtime.settings_file, "");
  const auto missing = parse({"run", "m.asl.json", "--config", path("no.toml")});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().message, "--config: there is no file " + path("no.toml"));
}

struct Wrong {
  const char* toml;
  const char* error;  // behind "FILE:"
};

class WrongSettings : public SettingsTest, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongSettings, AreNamed_WithPlaceValueAndWhatWasExpected) {
  write("weft.toml", GetParam().toml);
  const auto done = parse({"run", path("m.asl.json")});
  ASSERT_FALSE(done.has_value());
  EXPECT_THAT(done.error().message,
              testing::StartsWith(path("weft.toml") + ":" + GetParam().error));
  // A key is wrong wherever it is read, whether or not the command has use for it.
  const auto read = parse({"list", "--config", path("weft.toml")});
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().message, done.error().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongSettings,
    testing::Values(
        Wrong{"data = ", "1:"}, Wrong{"data = \"a\"\ndata = \"b\"\n", "2:"},
        Wrong{"detial-budget = 5",
              "1:1: detial-budget = 5: there is no such key; did you mean "
              "'detail-budget'?"},
        Wrong{"\n  detail_budget = 5",
              "2:3: detail_budget = 5: there is no such key; did you mean 'detail-budget'?"},
        Wrong{"xyzzy = []",
              "1:1: xyzzy = a list: there is no such key; expected one of "
              "agent-port, allow-origin, bucket, "},
        Wrong{"resume = true", "1:1: resume = true: is no key: --resume belongs on a command line"},
        Wrong{"name = \"x\"", "1:1: name = \"x\": is no key: --name belongs on a command line"},
        Wrong{"data = 5", "1:8: data = 5: expected a text: a path, relative to this file"},
        Wrong{"ui = \"yes\"", "1:6: ui = \"yes\": expected true or false"},
        Wrong{"agent-port = \"8126\"", "1:14: agent-port = \"8126\": expected a whole number"},
        Wrong{"agent-port = 99999",
              "1:14: agent-port = 99999: 99999 is no whole number from 0 to 65535"},
        Wrong{"payload-bytes = 1.5", "1:17: payload-bytes = 1.5: expected a whole number"},
        Wrong{"detail-bytes = \"many\"", "1:16: detail-bytes = \"many\": "},
        Wrong{"detail-bytes = -5", "1:16: detail-bytes = -5: -5 is no size: expected a number of"},
        Wrong{"detail-bytes = \"5XiB\"",
              "1:16: detail-bytes = \"5XiB\": 5XiB is no size: expected a number of bytes, or one "
              "with KiB, MiB or GiB, as in 64MiB"},
        Wrong{"bucket = { photos = \"/no/such/place\" }",
              "1:10: bucket = a table: photos=/no/such/place: there is no such directory"},
        Wrong{"buckets = \"/no/such/place\"",
              "1:11: buckets = \"/no/such/place\": /no/such/place: there is no such directory"},
        Wrong{"data = \"/dev/null\"", "1:8: data = \"/dev/null\": /dev/null: it is no directory"},
        Wrong{"export = [\"foo=1\"]", "1:10: export = a list: 'foo=1': expected otlp=URL"},
        Wrong{"listen = \"x:y\"", "1:10: listen = \"x:y\": x:y: expected ADDRESS:PORT"},
        Wrong{"http-allow = [\"a/b\"]", "1:14: http-allow = a list: 'a/b' is no host"},
        Wrong{"connection = { a = \"/no/file\" }", "1:14: connection = a table: "},
        Wrong{"substitute = [\"x\"]", "1:14: substitute = a list: x: expected NAME=VALUE"},
        Wrong{"redact = [\"\"]", "1:10: redact = a list: '': expected letters or digits"},
        Wrong{"redact = [\"$[\"]", "1:10: redact = a list: "},
        Wrong{"input = \"{\"", "1:9: input = \"{\": is not JSON"},
        Wrong{"input = { a = inf }", "1:9: input = a table: expected numbers that JSON has"},
        Wrong{"[function.f]\npath = \"x\"\nenv = { \"B=C\" = \"2\" }",
              "3:17: function.f.env.B=C = \"2\": name of a variable 'B=C' must be letters"},
        Wrong{"[function.f]\npath = \"x\"\nenv = { A = \"1\\u0000x\" }",
              "3:13: function.f.env.A = "},
        Wrong{"detail-bytes = 2020-01-01",
              "1:16: detail-bytes = a date or time: expected a number "
              "of bytes, or a text such as \"64MiB\""},
        Wrong{"durability = \"maybe\"", "1:14: durability = \"maybe\": maybe not in {"},
        Wrong{"redact = [\"a\", 5]", "1:16: redact = 5: expected a text in the list"},
        Wrong{"input = 5", "1:9: input = 5: expected a table, or a text: JSON, or @ and a file"},
        Wrong{"state-machine = 5",
              "1:17: state-machine = 5: expected a list of files, or a "
              "table: NAME = \"path\""},
        Wrong{"substitute = { Stage = 5 }", "1:24: substitute.Stage = 5: expected a text"},
        Wrong{"bucket = \"photos\"",
              "1:10: bucket = \"photos\": expected a table: NAME = \"path\""},
        Wrong{"[bucket]\nphotos = 5",
              "2:10: bucket.photos = 5: expected a text: a path, relative to this file"},
        Wrong{"function = \"a\"",
              "1:12: function = \"a\": expected a table of functions: [function.NAME]"},
        Wrong{"[function]\nf = 5",
              "2:5: function.f = 5: expected a table, or a text as behind "
              "--function NAME="},
        Wrong{"[function.f]\nconcurrency = 2",
              "1:1: function.f = a table: expected path, the file or directory of the function"},
        Wrong{"[function.f]\npath = \"nowhere.mjs\"",
              "2:8: function.f.path = \"nowhere.mjs\": there is no file "},
        Wrong{"[function]\nf = \"nowhere.mjs\"",
              "2:5: function.f = \"nowhere.mjs\": there is no file "},
        Wrong{"[function.f]\nconcurrency = 0",
              "2:15: function.f.concurrency = 0: concurrency '0' "
              "must be a whole number from 1 to 10000."},
        Wrong{"[function.f]\nconcurrency = \"4\"",
              "2:15: function.f.concurrency = \"4\": expected a number"},
        Wrong{"[function.f]\ntimeout = 901",
              "2:11: function.f.timeout = 901: timeout '901' must "
              "be seconds, more than 0 and at most 900."},
        Wrong{"[function.f]\nlog_format = \"XML\"",
              "2:14: function.f.log_format = \"XML\": log_format 'XML' must be Text or JSON."},
        Wrong{"[function.f]\npath = \".\"\nlog_level = \"DEBUG\"",
              "1:1: function.f = a table: "
              "log_level 'DEBUG' must be left out"},
        Wrong{"[function.f]\nconcurency = 2",
              "2:1: function.f.concurency = 2: there is no such "
              "key; did you mean 'concurrency'?"},
        Wrong{"[function.f.env]\nA = 1", "2:5: function.f.env.A = 1: expected a text"},
        Wrong{"[function.\"a b\"]\npath = \"x\"",
              "1:1: function.a b = a table: function name 'a b' must be 1 to 64"}));

// The page of the keys has each with its default.
TEST(SettingsReference, NamesEveryKey) {
  CLI::App app;
  Invocation invocation;
  add_commands(app, invocation);
  std::ifstream file(std::string(WEFT_SOURCE_DIR) + "/docs/reference/weft-toml.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::vector<Setting> settings = settings_of(app);
  EXPECT_GE(settings.size(), 20U);
  for (const Setting& setting : settings) {
    const std::string start = fmt::format("\n| `{}` |", setting.key);
    const size_t row = text.str().find(start);
    ASSERT_NE(row, std::string::npos)
        << "docs/reference/weft-toml.md lacks `" << setting.key << "` (" << setting.value << ")";
    if (setting.default_value.empty()) continue;
    const std::string line = text.str().substr(row + 1, text.str().find('\n', row + 1) - row);
    EXPECT_THAT(line, HasSubstr(setting.default_value)) << "the default of " << setting.key;
  }
  for (const lambda::FunctionSetting& setting : lambda::function_settings()) {
    EXPECT_THAT(text.str(), HasSubstr(fmt::format("\n| `{}`", setting.name)));
  }
}

}  // namespace
}  // namespace weft::cli
