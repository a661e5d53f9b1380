#include "asl/instrument.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "asl/compile.h"
#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::asl {
namespace {

using json::Value;

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// The value of the member at a path of names; undefined when there is none.
Value at(Value value, const std::string& pointer) {
  std::istringstream names(pointer);
  for (std::string name; std::getline(names, name, '/');) {
    if (!name.empty()) value = value.find(name);
  }
  return value;
}

std::string definition_of(Value test) {
  const Value state = test.find("state");
  std::string text = R"({"StartAt": "S", )";
  if (test.find("jsonata").as_bool()) text += R"("QueryLanguage": "JSONata", )";
  return text + R"("States": {"S": )" + json::to_text(state) + "}}";
}

// tests/instrument/cases.json: `state` becomes `edited` (the state after it), or stays and `note`
// says why; with both the note is beside the edit. `has`: text that the value at `at` (names from
// the state on) contains.
TEST(Instrument, Cases) {
  const std::string text = read_text(WEFT_SOURCE_DIR "/tests/instrument/cases.json");
  json::Arena arena;
  const auto cases = json::parse(text, arena);
  ASSERT_TRUE(cases) << cases.error().message;
  ASSERT_GT(cases->size(), 20u);
  for (size_t i = 0; i < cases->size(); ++i) {
    const Value test = cases->item(i);
    SCOPED_TRACE(test.find("name").as_string());
    const std::string definition = definition_of(test);
    const auto result = instrument(definition);
    ASSERT_TRUE(result) << result.error().message;
    json::Arena own;
    const auto edited = json::parse(result->text, own);
    ASSERT_TRUE(edited) << result->text;
    const Value state = edited->find("States").find("S");
    const Value note = test.find("note");
    const Value wanted = test.find("edited");
    ASSERT_EQ(result->notes.size(), note.is_string() ? 1u : 0u);
    if (note.is_string()) {
      EXPECT_EQ(result->notes[0].message, "S: " + std::string(note.as_string()));
      EXPECT_EQ(result->notes[0].location, "/States/S");
    }
    if (!wanted.is_undefined()) {
      EXPECT_EQ(json::to_text(state), json::to_text(wanted));
    } else if (test.find("at").is_undefined()) {
      EXPECT_EQ(result->text, definition);
      continue;
    } else {
      const std::string has(test.find("has").as_string());
      EXPECT_NE(json::to_text(at(state, std::string(test.find("at").as_string()))).find(has),
                std::string::npos)
          << result->text;
    }
    const auto again = instrument(result->text);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->text, result->text);
    EXPECT_EQ(again->edits, 0u);
  }
}

TEST(Instrument, Layout_StaysOutsideTheEdits) {
  const std::string before = read_text(WEFT_SOURCE_DIR "/tests/instrument/layout.asl.json");
  const auto result = instrument(before);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->text, read_text(WEFT_SOURCE_DIR "/tests/instrument/layout.expected.asl.json"));
  EXPECT_EQ(result->edits, 5u);
}

TEST(Instrument, JsonataForms_Compile) {
  const auto result = instrument(read_text(WEFT_SOURCE_DIR "/tests/instrument/layout.asl.json"));
  ASSERT_TRUE(result);
  const auto compiled = compile(base::Text(result->text));
  for (const Diagnostic& finding : compiled.diagnostics) {
    ADD_FAILURE() << finding.location << " " << finding.message;
  }
}

TEST(Instrument, NoObject_IsAnError) {
  EXPECT_EQ(instrument("[]").error().message, "The definition is not a JSON object");
  EXPECT_FALSE(instrument("{"));
}

}  // namespace
}  // namespace weft::asl
