#include "jsonpath/template.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "json/build.h"
#include "jsonpath/intrinsic.h"
#include "jsonpath/java_order.h"
#include "jsonpath/limits.h"
#include "jsonpath/state_path.h"

namespace weft::jsonpath {

namespace {

constexpr std::string_view kSuffix = ".$";

struct Node {
  enum class Kind : uint8_t { kLiteral, kPath, kIntrinsic, kArray, kObject };
  Kind kind = Kind::kLiteral;
  json::Value literal;                 // kLiteral
  std::string field;                   // kPath: the key as written, "x.$"
  std::optional<StatePath> path;       // kPath
  std::optional<Intrinsic> intrinsic;  // kIntrinsic
  const json::Shape* shape = nullptr;  // kObject
  std::vector<Node> children;          // kArray; kObject: in the order of the shape
};

}  // namespace

std::string given_twice(std::string_view name, std::string_view written) {
  return fmt::format("The field '{}' is given twice: as '{}' and as '{}'", name, name, written);
}

struct TemplateProgram {
  json::Arena arena;  // shapes and their names
  Node root;
  std::vector<std::string> variables;
  bool reads_context = false;
};

namespace {

std::string_view value_type(const json::Value& value) {
  if (value.is_object()) return "an OBJECT";
  if (value.is_array()) return "an ARRAY";
  if (value.is_number()) return "a NUMBER";
  return value.is_bool() ? "a BOOLEAN" : "NULL";
}

class TemplateCompiler {
 public:
  explicit TemplateCompiler(TemplateProgram& program) : program_(program) {}

  Node compile(const json::Value& json) {
    if (!json.is_container()) return {.literal = json};
    if (place_.size() >= kTemplateDepthMax) {
      problem(
          fmt::format("The template is nested more than {} levels deep (limit kTemplateDepthMax)",
                      kTemplateDepthMax));
      return {};
    }
    Node node = json.is_array() ? array(json) : object(json);
    const bool constant = std::ranges::all_of(
        node.children, [](const Node& child) { return child.kind == Node::Kind::kLiteral; });
    return constant ? Node{.literal = json} : std::move(node);
  }

  std::vector<TemplateProblem> problems;

 private:
  void problem(std::string message, std::string reason = {}) {
    problems.push_back({place_, std::move(message), std::move(reason)});
  }

  Node array(const json::Value& json) {
    Node node{.kind = Node::Kind::kArray};
    for (size_t i = 0; i < json.size(); ++i) {
      place_.push_back(std::to_string(i));
      node.children.push_back(compile(json.item(i)));
      place_.pop_back();
    }
    return node;
  }

  Node object(const json::Value& json) {
    std::vector<std::string_view> names;
    std::vector<std::string_view> evaluated_names;
    std::vector<Node> evaluated;
    Node node{.kind = Node::Kind::kObject};
    for (size_t i = 0; i < json.size(); ++i) {
      const std::string_view key = json.key(i);
      place_.emplace_back(key);
      if (key.ends_with(kSuffix)) {
        evaluated_names.push_back(key.substr(0, key.size() - kSuffix.size()));
        evaluated.push_back(entry(json.member(i), key));
        if (!json.find(evaluated_names.back()).is_undefined()) {
          problem(given_twice(evaluated_names.back(), key));
        }
      } else {
        names.push_back(key);
        node.children.push_back(compile(json.member(i)));
      }
      place_.pop_back();
    }
    for (const size_t i : java_hash_order(evaluated_names)) {
      names.push_back(evaluated_names[i]);
      node.children.push_back(std::move(evaluated[i]));
    }
    node.shape = shape(names);
    return node;
  }

  const json::Shape* shape(const std::vector<std::string_view>& names) {
    auto* keys = program_.arena.allocate_array<json::Key>(names.size());
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string_view name = program_.arena.copy(names[i]);
      keys[i] = {name.data(), static_cast<uint32_t>(name.size()), json::hash_key(name)};
    }
    return json::Shape::make(keys, static_cast<uint32_t>(names.size()), program_.arena);
  }

  Node entry(const json::Value& value, std::string_view key) {
    if (!value.is_string()) {
      problem(fmt::format(
          "The value for the field '{}' must be a STRING that contains a JSONPath but was {}", key,
          value_type(value)));
      return {};
    }
    const std::string_view text = value.as_string();
    return looks_like_intrinsic(text) ? intrinsic(text, key) : path(text, key);
  }

  void refuse(std::string_view key, CompileError error) {
    problem(
        fmt::format("The value for the field '{}' must be a valid JSONPath or a valid intrinsic "
                    "function call",
                    key),
        std::move(error.message));
  }

  Node path(std::string_view text, std::string_view key) {
    auto compiled = StatePath::compile(text);
    if (!compiled) {
      refuse(key, std::move(compiled.error()));
      return {};
    }
    note(*compiled);
    return {.kind = Node::Kind::kPath, .field = std::string(key), .path = std::move(*compiled)};
  }

  Node intrinsic(std::string_view text, std::string_view key) {
    auto compiled = Intrinsic::compile(text);
    if (!compiled) {
      refuse(key, std::move(compiled.error()));
      return {};
    }
    for (const StatePath* argument : compiled->paths()) note(*argument);
    return {.kind = Node::Kind::kIntrinsic, .intrinsic = std::move(*compiled)};
  }

  void note(const StatePath& path) {
    program_.reads_context |= path.root() == StatePath::Root::kContext;
    if (path.root() == StatePath::Root::kVariable &&
        std::ranges::find(program_.variables, path.variable()) == program_.variables.end())
      program_.variables.push_back(path.variable());
  }

  TemplateProgram& program_;
  std::vector<std::string> place_;
};

struct TemplateRun {
  const json::Value& document;
  Scope& scope;
  json::Arena& arena;

  std::expected<json::Value, Fault> evaluate(const Node& node) {
    switch (node.kind) {
      case Node::Kind::kLiteral:
        return node.literal;
      case Node::Kind::kPath:
        return path(node);
      case Node::Kind::kIntrinsic:
        return node.intrinsic->evaluate(document, scope, arena);
      case Node::Kind::kArray:
      case Node::Kind::kObject:
        return container(node);
    }
    return json::Value();
  }

  std::expected<json::Value, Fault> path(const Node& node) {
    auto value = node.path->evaluate(document, scope, arena, OutOfRange::kNull);
    if (value) return *value;
    return std::unexpected(
        Fault{.cause = missing_path_cause(*node.path, value.error(), node.field, document, scope)});
  }

  std::expected<json::Value, Fault> container(const Node& node) {
    auto* values = arena.allocate_array<json::Value>(node.children.size());
    for (size_t i = 0; i < node.children.size(); ++i) {
      auto value = evaluate(node.children[i]);
      if (!value) return value;
      values[i] = *value;
    }
    if (node.kind == Node::Kind::kObject) return json::Value::object(node.shape, values, arena);
    return json::Value::array(values, node.children.size());
  }
};

}  // namespace

std::expected<Template, std::vector<TemplateProblem>> Template::compile(const json::Value& json) {
  auto program = std::make_shared<TemplateProgram>();
  TemplateCompiler compiler(*program);
  program->root = compiler.compile(json);
  if (!compiler.problems.empty()) return std::unexpected(std::move(compiler.problems));
  Template result;
  result.program_ = std::move(program);
  return result;
}

bool Template::is_literal() const { return program_->root.kind == Node::Kind::kLiteral; }
const json::Value& Template::literal() const { return program_->root.literal; }
std::span<const std::string> Template::variables() const { return program_->variables; }
bool Template::reads_context() const { return program_->reads_context; }

std::expected<json::Value, Fault> Template::evaluate(const json::Value& document, Scope& scope,
                                                     json::Arena& arena) const {
  return TemplateRun{document, scope, arena}.evaluate(program_->root);
}

}  // namespace weft::jsonpath
