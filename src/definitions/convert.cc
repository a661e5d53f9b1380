#include "definitions/convert.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "asl/compile.h"
#include "base/brief.h"
#include "definitions/convert_errors.h"
#include "definitions/convert_order.h"
#include "definitions/definition.h"
#include "definitions/yaml.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::definitions {
namespace {

using Kind = Node::Kind;
using Text = std::expected<std::string, std::string>;

constexpr std::string_view kInput = "$states.input";

Node text_node(std::string text, const Origin& origin) {
  return string_node(std::move(text), {origin.source, origin.offset, Style::kPoint});
}

Node expression_node(const std::string& expression, const Origin& origin) {
  return text_node("{% " + expression + " %}", origin);
}

Node object_node(const Origin& origin) { return {.kind = Kind::kObject, .origin = origin}; }

void add(Node& object, std::string name, Node value) {
  object.names.push_back({std::move(name), value.origin});
  object.items.push_back(std::move(value));
}

// Rewrites one state; the first thing that has no equal ends it.
class StateConverter {
 public:
  // What stands in a state's way, and where.
  struct Obstacle {
    std::string reason;
    Origin origin;
  };

  // `named`: the errors that its Retry and Catch name, and those of the states around it.
  StateConverter(const Node& state, const std::set<std::string>& named)
      : state_(state), type_(scalar_text(state.find("Type"))), named_(named) {}

  // The state in JSONata; processors and branches as they were. Nothing when there is an obstacle.
  std::optional<Node> convert() {
    out_ = object_node(state_.origin);
    copy();
    keep_handled_errors();
    dollar_ = std::string(kInput);
    if (const Node* path = state_.find("InputPath")) read_input_path(*path);
    if (type_ == "Task") task();
    if (type_ == "Pass") pass();
    if (type_ == "Wait") wait();
    if (type_ == "Choice") choice();
    if (type_ == "Succeed") succeed();
    if (type_ == "Fail") fail();
    if (type_ == "Map") map();
    if (type_ == "Parallel") parallel();
    if (const Node* assign = state_.find("Assign")) add(out_, "Assign", assigned(*assign));
    if (const Node* catchers = state_.find("Catch")) add(out_, "Catch", caught(*catchers));
    keep_unfilled(out_);
    if (!obstacle_) out_ = in_order_of(state_, std::move(out_));
    if (obstacle_) return std::nullopt;
    return std::move(out_);
  }
  const Obstacle& obstacle() const { return *obstacle_; }

 private:
  void stop(std::string reason, const Origin& origin) {
    if (!obstacle_) obstacle_ = Obstacle{std::move(reason), origin};
  }
  std::string taken(Text text, const Origin& origin) {
    if (text) return std::move(*text);
    stop(std::move(text.error()), origin);
    return "null";
  }

  // Fields that mean the same in both languages.
  void copy() {
    constexpr std::array<std::string_view, 17> kSame = {"Type",
                                                        "Comment",
                                                        "Resource",
                                                        "Next",
                                                        "End",
                                                        "Default",
                                                        "Retry",
                                                        "TimeoutSeconds",
                                                        "HeartbeatSeconds",
                                                        "Branches",
                                                        "MaxConcurrency",
                                                        "ToleratedFailureCount",
                                                        "ToleratedFailurePercentage",
                                                        "Label",
                                                        "Error",
                                                        "Cause",
                                                        "ItemProcessor"};
    constexpr std::array<std::string_view, 25> kConverted = {"InputPath",
                                                             "Parameters",
                                                             "ResultSelector",
                                                             "ResultPath",
                                                             "OutputPath",
                                                             "Result",
                                                             "Assign",
                                                             "Catch",
                                                             "Choices",
                                                             "Seconds",
                                                             "Timestamp",
                                                             "SecondsPath",
                                                             "TimestampPath",
                                                             "ErrorPath",
                                                             "CausePath",
                                                             "ItemsPath",
                                                             "ItemSelector",
                                                             "ItemReader",
                                                             "ItemBatcher",
                                                             "ResultWriter",
                                                             "Iterator",
                                                             "TimeoutSecondsPath",
                                                             "HeartbeatSecondsPath",
                                                             "MaxConcurrencyPath",
                                                             "QueryLanguage"};
    for (size_t i = 0; i < state_.names.size(); ++i) {
      const std::string& name = state_.names[i].text;
      if (std::ranges::find(kSame, name) != kSame.end()) {
        add(out_, name, state_.items[i]);
        // A text that JSONata would evaluate.
        if (state_.items[i].text.starts_with("{%"))
          stop(name + " would become an expression", state_.items[i].origin);
      } else if (std::ranges::find(kConverted, name) == kConverted.end()) {
        stop(fmt::format("the field {} is not converted", name), state_.items[i].origin);
      }
    }
  }

  void keep_handled_errors() {
    if (const auto exchanged = exchanged_error(state_, named_))
      stop(exchanged->reason, exchanged->field->origin);
  }

  // A value that is filled in later can be any text: in an expression it means something else.
  void keep_unfilled(const Node& node) {
    const std::string_view name =
        node.text.starts_with("{%") ? unfilled_name(node.text) : std::string_view();
    if (!name.empty()) {
      stop(fmt::format("${{{0}}} has no value: give it one with --substitute {0}=VALUE", name),
           node.origin);
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      if (!node.is_object() || !is_block(node.names[i].text)) keep_unfilled(node.items[i]);
    }
  }

  void read_input_path(const Node& path) {
    if (path.kind == Kind::kNull) {
      stop("InputPath null has no equal that is as short", path.origin);
    } else {
      dollar_ = taken(convert_expression(path.text, dollar_), path.origin);
    }
  }

  // A payload template: the same object, its `.$` members as expressions.
  Node filled(const Node& node, const Dollar& dollar) {
    if (node.is_string() && node.text.starts_with("{%"))
      stop("a text would become an expression", node.origin);
    if (!node.is_object() && !node.is_array()) return node;
    Node out{.kind = node.kind, .origin = node.origin};
    for (size_t i = 0; i < node.items.size(); ++i) {
      if (node.is_array()) {
        out.items.push_back(filled(node.items[i], dollar));
        continue;
      }
      std::string name = node.names[i].text;
      if (!name.ends_with(".$")) {
        add(out, std::move(name), filled(node.items[i], dollar));
        continue;
      }
      name.resize(name.size() - 2);
      const Node& value = node.items[i];
      add(out, std::move(name),
          expression_node(taken(convert_expression(value.text, dollar), value.origin),
                          value.origin));
    }
    return out;
  }

  // The same as one expression.
  std::string spelled(const Node& node, const Dollar& dollar) {
    switch (node.kind) {
      case Kind::kNull:
      case Kind::kAbsent:
        return "null";
      case Kind::kBool:
      case Kind::kNumber:
        return node.text;
      case Kind::kString:
        return jsonata_string(node.text);
      case Kind::kArray:
      case Kind::kObject:
        break;
    }
    std::string out = node.is_array() ? "[" : "{";
    for (size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) out += ", ";
      if (node.is_array()) {
        out += spelled(node.items[i], dollar);
        continue;
      }
      std::string name = node.names[i].text;
      const bool computed = name.ends_with(".$");
      if (computed) name.resize(name.size() - 2);
      const Node& value = node.items[i];
      out += jsonata_string(name) + ": " +
             (computed ? taken(convert_expression(value.text, dollar), value.origin)
                       : spelled(value, dollar));
    }
    return out + (node.is_array() ? "]" : "}");
  }

  // A result, as a field and as an expression.
  struct Value {
    Node field;
    std::string expression;
  };

  // `ResultPath` of what the state or a catcher makes.
  Value placed(Value value, const Node* result_path) {
    if (result_path == nullptr || result_path->text == "$") return value;
    if (result_path->kind == Kind::kNull)
      return {expression_node(std::string(kInput), result_path->origin), std::string(kInput)};
    auto path = convert_expression(result_path->text, "$");
    std::vector<std::string> names;
    std::string_view rest = path ? std::string_view(*path).substr(1) : "";
    if (!path) stop(path.error(), result_path->origin);
    while (!rest.empty()) {
      // JSONata's own words, and what is no word, stand in backticks.
      const bool quoted = rest.starts_with(".`");
      const size_t close = quoted ? rest.find('`', 2) : 1;
      const size_t end = std::min(rest.find_first_of(".[", close), rest.size());
      if (rest[0] != '.') {
        stop("this ResultPath leads into an array", result_path->origin);
        return value;
      }
      names.emplace_back(rest.substr(1, end - 1));
      rest.remove_prefix(end);
    }
    std::string merged = value.expression;
    for (size_t i = names.size(); i-- > 0;) {
      std::string outer(kInput);
      for (size_t k = 0; k < i; ++k) outer += "." + names[k];
      // $merge takes the objects in an array, too.
      const std::string_view name =
          names[i][0] == '`' ? std::string_view(names[i]).substr(1, names[i].size() - 2) : names[i];
      merged = fmt::format(
          R"(($type({0}) = "array" ? $error("ResultPath leads into an array") : $merge([{0}, {{{1}: {2}}}])))",
          outer, jsonata_string(name), merged);
    }
    return {expression_node(merged, result_path->origin), merged};
  }

  // Output out of what the state makes, with ResultPath and OutputPath. `standard`: what Output is
  // without one.
  void put_output(Value value, std::string_view standard) {
    value = placed(std::move(value), state_.find("ResultPath"));
    if (const Node* path = state_.find("OutputPath"); path != nullptr && path->text != "$") {
      if (path->kind == Kind::kNull) {
        value = {object_node(path->origin), "{}"};
      } else {
        // "$$..." is the context object's, "$name..." a variable's.
        const bool own = path->text.starts_with("$.") || path->text.starts_with("$[");
        const std::string expression =
            taken(own ? convert_path_of(path->text, value.expression)
                      : convert_expression(path->text, std::string(kInput)),
                  path->origin);
        value = {expression_node(expression, path->origin), expression};
      }
    }
    if (value.expression == standard) return;
    add(out_, "Output", std::move(value.field));
  }

  Value expressed(const std::string& expression) {
    return {expression_node(expression, state_.origin), expression};
  }

  // What ResultSelector makes of the result.
  void put_result() {
    Value value = expressed("$states.result");
    if (const Node* selector = state_.find("ResultSelector")) {
      const bool needs_expression =
          state_.find("ResultPath") != nullptr || state_.find("OutputPath") != nullptr;
      value.field = filled(*selector, "$states.result");
      value.expression = needs_expression ? spelled(*selector, "$states.result") : "the selector";
    }
    put_output(std::move(value), "$states.result");
  }

  void put_arguments(std::string_view name) {
    if (const Node* parameters = state_.find("Parameters")) {
      add(out_, std::string(name), filled(*parameters, dollar_));
    } else if (dollar_ != kInput) {
      add(out_, std::string(name), expression_node(dollar_, state_.origin));
    }
  }

  // `Seconds` out of `SecondsPath`.
  void put_computed(const std::string& name) {
    const Node* path = state_.find(name + "Path");
    if (path == nullptr) return;
    const std::string expression = taken(convert_expression(path->text, dollar_), path->origin);
    // JSONPath takes "5" for 5.
    const bool of_text = name.ends_with("Seconds") || name == "MaxConcurrency";
    add(out_, name,
        expression_node(of_text ? "$number(" + expression + ")" : expression, path->origin));
  }

  void task() {
    put_arguments("Arguments");
    put_computed("TimeoutSeconds");
    put_computed("HeartbeatSeconds");
    put_result();
  }

  void parallel() {
    put_arguments("Arguments");
    put_result();
  }

  void pass() {
    Value value = expressed(dollar_);
    if (const Node* result = state_.find("Result")) {
      value = {filled_literal(*result), literal(*result)};
    } else if (const Node* parameters = state_.find("Parameters")) {
      value = {filled(*parameters, dollar_), spelled(*parameters, dollar_)};
    }
    put_output(std::move(value), kInput);
  }

  // A Result is taken as it stands: names that end in `.$` mean nothing.
  Node filled_literal(const Node& node) {
    if (node.is_string() && node.text.starts_with("{%"))
      stop("a text would become an expression", node.origin);
    for (const Node& item : node.items) (void)filled_literal(item);
    return node;
  }
  std::string literal(const Node& node) {
    Source json = to_json(node, "");
    return std::move(json.text);
  }

  void wait() {
    for (const std::string name : {"Seconds", "Timestamp"}) {
      if (const Node* value = state_.find(name)) add(out_, name, *value);
      put_computed(name);
    }
    put_output(expressed(dollar_), kInput);
  }

  void succeed() { put_output(expressed(dollar_), kInput); }

  void fail() {
    put_computed("Error");
    put_computed("Cause");
  }

  void choice() {
    for (const std::string_view name : {"InputPath", "OutputPath"}) {
      const Node* path = state_.find(name);
      if (path != nullptr && path->text != "$")
        stop(fmt::format("a Choice with {} has no equal", name), path->origin);
    }
    const Node* rules = state_.find("Choices");
    if (rules == nullptr) return;
    Node converted{.kind = Kind::kArray, .origin = rules->origin};
    for (const Node& rule : rules->items) {
      Node out = object_node(rule.origin);
      add(out, "Condition",
          expression_node(taken(convert_rule(rule, dollar_), rule.origin), rule.origin));
      for (const std::string_view name : {"Next", "Comment"}) {
        if (const Node* same = rule.find(name)) add(out, std::string(name), *same);
      }
      if (const Node* assign = rule.find("Assign")) add(out, "Assign", assigned(*assign));
      converted.items.push_back(std::move(out));
    }
    add(out_, "Choices", std::move(converted));
  }

  void map() {
    if (const Node* iterator = state_.find("Iterator")) add(out_, "ItemProcessor", *iterator);
    put_computed("MaxConcurrency");
    for (const std::string_view name : {"ItemReader", "ItemBatcher", "ResultWriter"}) {
      if (const Node* field = state_.find(name))
        stop(fmt::format("a Map with {} is not converted", name), field->origin);
    }
    if (const Node* items = state_.find("ItemsPath"); items != nullptr && items->text != "$") {
      add(out_, "Items",
          expression_node(taken(convert_expression(items->text, dollar_), items->origin),
                          items->origin));
    } else if (dollar_ != kInput) {
      add(out_, "Items", expression_node(dollar_, state_.origin));
    }
    for (const std::string_view name : {"ItemSelector", "Parameters"}) {
      if (const Node* selector = state_.find(name))
        add(out_, "ItemSelector", filled(*selector, dollar_));
    }
    put_result();
  }

  // What `$` is in Assign depends on the state; the context, variables and literals do not.
  Node assigned(const Node& assign) {
    for (size_t i = 0; i < assign.names.size(); ++i) {
      const Node& value = assign.items[i];
      const bool computed = assign.names[i].text.ends_with(".$");
      const bool of_document =
          value.is_string() && (value.text == "$" || value.text.find("$.") == 0 ||
                                value.text.find("$[") == 0 || value.text.starts_with("States."));
      if ((computed && of_document) || value.is_object() || value.is_array())
        stop("Assign of the state's data is not converted", value.origin);
    }
    return filled(assign, dollar_);
  }

  Node caught(const Node& catchers) {
    Node all{.kind = Kind::kArray, .origin = catchers.origin};
    for (const Node& catcher : catchers.items) {
      Node out = object_node(catcher.origin);
      for (size_t i = 0; i < catcher.names.size(); ++i) {
        const std::string& name = catcher.names[i].text;
        if (name == "ResultPath") continue;
        add(out, name, name == "Assign" ? assigned(catcher.items[i]) : catcher.items[i]);
      }
      const Node* path = catcher.find("ResultPath");
      if (path != nullptr && path->text != "$") {
        const Value value = placed(expressed("$states.errorOutput"), path);
        add(out, "Output", value.field);
      }
      all.items.push_back(std::move(out));
    }
    return all;
  }

  const Node& state_;
  std::string type_;
  const std::set<std::string>& named_;
  Node out_;
  Dollar dollar_;
  std::optional<Obstacle> obstacle_;
};

// Converts the states of a machine, a processor or a branch.
class Machine {
 public:
  explicit Machine(Conversion& result) : result_(result) {}

  // `named`: the errors that the states around it name in Retry and Catch.
  Node block(const Node& block, const std::set<std::string>& named) {
    Node out = block;
    for (size_t i = 0; i < out.names.size(); ++i) {
      if (out.names[i].text != "States" || !out.items[i].is_object()) continue;
      Node& states = out.items[i];
      for (size_t k = 0; k < states.items.size(); ++k)
        states.items[k] = state(states.names[k].text, states.items[k], named);
    }
    return out;
  }

 private:
  Node state(const std::string& name, const Node& state, std::set<std::string> named) {
    Node out = state;
    add_named_errors(state, named);
    if (scalar_text(state.find("QueryLanguage")) != "JSONata") {
      StateConverter converter(state, named);
      if (auto converted = converter.convert()) {
        out = std::move(*converted);
        add(out, "QueryLanguage", text_node("JSONata", state.origin));
        ++result_.converted;
      } else {
        const auto& obstacle = converter.obstacle();
        result_.left.push_back({name, base::brief(obstacle.reason), obstacle.origin});
      }
    }
    for (size_t i = 0; i < out.names.size(); ++i) {
      const std::string& field = out.names[i].text;
      if (field == "ItemProcessor" || field == "Iterator")
        out.items[i] = block(out.items[i], named);
      if (field != "Branches") continue;
      for (Node& branch : out.items[i].items) branch = block(branch, named);
    }
    return out;
  }

  Conversion& result_;
};

// With all states in one language it is the machine's, and no state needs to say it.
void lift_language(Node& node, bool is_state) {
  for (size_t i = node.names.size(); i-- > 0;) {
    const std::string name = node.names[i].text;
    if (is_state && name == "QueryLanguage") {
      node.names.erase(node.names.begin() + static_cast<std::ptrdiff_t>(i));
      node.items.erase(node.items.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (name == "States") {
      for (Node& state : node.items[i].items) lift_language(state, true);
    } else if (name == "ItemProcessor" || name == "Iterator") {
      lift_language(node.items[i], false);
    } else if (name == "Branches") {
      for (Node& branch : node.items[i].items) lift_language(branch, false);
    }
  }
}

}  // namespace

Conversion convert_to_jsonata(const Node& machine) {
  Conversion result;
  if (scalar_text(machine.find("QueryLanguage")) == "JSONata") {
    result.machine = machine;
    return result;
  }
  result.machine = Machine(result).block(machine, {});
  if (!result.left.empty()) return result;
  lift_language(result.machine, true);
  add(result.machine, "QueryLanguage", text_node("JSONata", machine.origin));
  std::ranges::rotate(result.machine.names, result.machine.names.end() - 1);
  std::ranges::rotate(result.machine.items, result.machine.items.end() - 1);
  return result;
}

base::Result<ConvertedDefinition> convert_definition(const std::shared_ptr<const Source>& json) {
  const auto wrong = [](std::string message) {
    return base::fail(base::ErrorCode::kInvalidDefinition, std::move(message));
  };
  const auto compiled = asl::compile(base::Text(json->text));
  if (!compiled.program) {
    const auto error = std::ranges::find(compiled.diagnostics, asl::Diagnostic::Severity::kError,
                                         &asl::Diagnostic::severity);
    return wrong(
        error == compiled.diagnostics.end()
            ? std::string("The definition does not compile")
            : fmt::format("line {}, column {}: {}", error->line, error->column, error->message));
  }
  const auto document = parse_json(json);
  if (!document) return wrong(document.error().message);
  Conversion conversion = convert_to_jsonata(*document);
  json::Arena arena;
  const Source text = to_json(conversion.machine, json->name);
  const auto value = json::parse(text.text, arena);
  if (!value) return base::fail(base::ErrorCode::kInternal, value.error().message);
  ConvertedDefinition result{.converted = conversion.converted, .left = std::move(conversion.left)};
  json::write_pretty(*value, result.text);
  return result;
}

}  // namespace weft::definitions
