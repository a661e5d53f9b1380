#include "definitions/yaml.h"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/limits.h"
#include "json/utf8.h"

namespace weft::definitions {
namespace {

// Values of one document with its aliases written out: a few aliases of aliases are a great many
// values.
constexpr size_t kNodesMax = 200'000;

size_t count_nodes(const Node& node) {
  size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  return count;
}

// `!GetAtt A.B` is {"Fn::GetAtt": ["A", "B"]}; `!Ref A` is {"Ref": "A"}; `!Sub x` is {"Fn::Sub":
// x}.
Node long_form(std::string_view tag, Node value) {
  const std::string_view function = tag.substr(1);
  Node node{.kind = Node::Kind::kObject, .origin = value.origin};
  const bool bare = function == "Ref" || function == "Condition";
  node.names.push_back(
      {bare ? std::string(function) : "Fn::" + std::string(function), value.origin});
  if (function == "GetAtt" && value.is_string()) {
    const size_t dot = value.text.find('.');
    Node pair{.kind = Node::Kind::kArray, .origin = value.origin};
    pair.items.push_back(string_node(value.text.substr(0, dot), value.origin));
    if (dot != std::string::npos)
      pair.items.push_back(string_node(value.text.substr(dot + 1), value.origin));
    value = std::move(pair);
  }
  node.items.push_back(std::move(value));
  return node;
}

// Where the parser is that began at byte `base`.
size_t offset_in(const Source& source, size_t base, const YAML::Mark& mark) {
  return std::min(base + static_cast<size_t>(std::max(mark.pos, 0)), source.text.size());
}

// Makes nodes of the parser's events.
class Builder : public YAML::EventHandler {
 public:
  // What is parsed begins at byte `base` of the source.
  Builder(std::shared_ptr<const Source> source, size_t base, YamlUse use,
          std::vector<Finding>& findings)
      : source_(std::move(source)), base_(base), use_(use), findings_(findings) {}

  const std::optional<Finding>& failure() const { return failure_; }
  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(Node{.origin = at(mark)}, "", anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    note_expansion(mark, "An alias");
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) return fail(mark, "This alias stands inside of what it names");
    nodes_ += count_nodes(known->second);
    if (nodes_ > kNodesMax) return too_many(mark);
    add(Node(known->second), "", 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const Origin origin = scalar(mark);
    add(tag == "?" ? plain_scalar(value, origin) : string_node(value, origin), tag, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::kArray, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::kObject, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    std::string tag;
    YAML::anchor_t anchor = 0;
    std::optional<Node::Name> name;  // of the member whose value comes next
    std::vector<Node> merged;        // of `<<`
  };

  Origin at(const YAML::Mark& mark) const {
    return {source_, offset_in(*source_, base_, mark), Style::kPoint};
  }

  // Where a scalar's characters begin: behind its tag and anchor.
  Origin scalar(const YAML::Mark& mark) const {
    const std::string_view text = source_->text;
    Origin origin = at(mark);
    size_t& offset = origin.offset;
    while (offset < text.size() && (text[offset] == '!' || text[offset] == '&')) {
      offset = std::min(text.find_first_of(" \t\r\n", offset), text.size());
      offset = std::min(text.find_first_not_of(" \t\r\n", offset), text.size());
    }
    const char first = offset < text.size() ? text[offset] : ' ';
    origin.style = first == '"'    ? Style::kDoubleQuoted
                   : first == '\'' ? Style::kSingleQuoted
                   : first == '|'  ? Style::kLiteral
                   : first == '>'  ? Style::kPoint
                                   : Style::kPlain;
    return origin;
  }

  void fail(const YAML::Mark& mark, std::string message) {
    if (failure_) return;
    failure_ = Finding{Finding::Severity::kError, place_of(at(mark)), std::move(message)};
  }
  void too_many(const YAML::Mark& mark) {
    fail(mark, fmt::format("The document has more than {} values once its aliases are written out",
                           kNodesMax));
  }

  // CloudFormation says of itself that it reads neither aliases nor merge keys.
  void note_expansion(const YAML::Mark& mark, std::string_view what) {
    if (std::exchange(noted_, true)) return;
    findings_.push_back(
        {Finding::Severity::kWarning, place_of(at(mark)),
         fmt::format("{} is written out here; CloudFormation itself does not read any, the AWS and "
                     "SAM command lines write them out before they deploy a template",
                     what)});
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    if (!frames_.empty() && frames_.back().node.is_object() && !frames_.back().name)
      fail(mark, "The name of a member must be a text, not a list or an object");
    if (frames_.size() >= base::kJsonDepthMax)
      fail(mark, fmt::format("More than {} values inside each other", base::kJsonDepthMax));
    frames_.push_back({.node = {.kind = kind, .origin = at(mark)}, .tag = tag, .anchor = anchor});
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    // A merged member gives way to one of the object's own, and to one merged before it.
    for (const Node& merged : frame.merged) {
      for (size_t i = 0; i < merged.items.size(); ++i) {
        if (frame.node.find(merged.names[i].text) != nullptr) continue;
        frame.node.names.push_back(merged.names[i]);
        frame.node.items.push_back(merged.items[i]);
      }
    }
    add(std::move(frame.node), frame.tag, frame.anchor);
  }

  void add(Node node, const std::string& tag, YAML::anchor_t anchor) {
    if (failure_) return;
    if (++nodes_ > kNodesMax) {
      failure_ = Finding{Finding::Severity::kError, place_of(node.origin),
                         fmt::format("The document has more than {} values", kNodesMax)};
      return;
    }
    Frame* frame = frames_.empty() ? nullptr : &frames_.back();
    if (frame != nullptr && frame->node.is_object() && !frame->name) {
      frame->name = Node::Name{node.kind == Node::Kind::kNull ? "" : written(node), node.origin};
      if (anchor != 0) anchors_[anchor] = std::move(node);
      return;
    }
    node = tagged(std::move(node), tag);
    if (anchor != 0) anchors_[anchor] = node;
    if (frame == nullptr) {
      root_ = std::move(node);
    } else if (frame->node.is_array()) {
      frame->node.items.push_back(std::move(node));
    } else {
      add_member(*frame, std::move(node));
    }
  }

  // A name keeps the characters it was written with: `on`, `1.0` and `010` are names like any
  // other.
  std::string written(const Node& node) const {
    if (node.is_string()) return node.text;
    const std::string_view rest = std::string_view(source_->text).substr(node.origin.offset);
    size_t end = rest.find_first_of(":,}] \t\r\n");
    return std::string(rest.substr(0, std::min(end, rest.size())));
  }

  void add_member(Frame& frame, Node node) {
    Node::Name name = *std::exchange(frame.name, std::nullopt);
    if (name.text == "<<") {
      if (node.is_object()) {
        frame.merged.push_back(std::move(node));
        return;
      }
      const bool all = node.is_array() && std::ranges::all_of(node.items, &Node::is_object);
      if (all) {
        std::ranges::move(node.items, std::back_inserter(frame.merged));
        return;
      }
    }
    for (size_t i = 0; i < frame.node.names.size(); ++i) {
      if (frame.node.names[i].text != name.text) continue;
      findings_.push_back({Finding::Severity::kWarning, place_of(name.origin),
                           fmt::format("'{}' is there twice; the last one counts", name.text)});
      frame.node.items[i] = std::move(node);
      frame.node.names[i] = std::move(name);
      return;
    }
    frame.node.names.push_back(std::move(name));
    frame.node.items.push_back(std::move(node));
  }

  Node tagged(Node node, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return node;
    if (tag == "tag:yaml.org,2002:str" && node.is_scalar()) return node;
    if (tag.starts_with("tag:yaml.org,2002:")) return node;
    if (use_ == YamlUse::kTemplate) return long_form(tag, std::move(node));
    findings_.push_back({Finding::Severity::kWarning, place_of(node.origin),
                         fmt::format("The tag {} means nothing in a definition file; only a "
                                     "template's own text has functions",
                                     tag)});
    return node;
  }

  std::shared_ptr<const Source> source_;
  size_t base_;
  YamlUse use_;
  std::vector<Finding>& findings_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Node> anchors_;
  Node root_;
  size_t nodes_ = 0;
  bool noted_ = false;
  std::optional<Finding> failure_;
};

Finding syntax_error(const std::shared_ptr<const Source>& source, size_t base,
                     const YAML::Exception& error) {
  const size_t at = error.mark.is_null() ? base : offset_in(*source, base, error.mark);
  return {Finding::Severity::kError, place_at(source, at), "This is no YAML: " + error.msg};
}

// How much of `text` is UTF-8.
size_t valid_utf8_prefix(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t length = json::valid_utf8_length(text, at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

// yaml-cpp does not read a block whose tag stands in a line of its own and no less far right than
// the block:
//   Policy:
//     !Sub |
//     text
// With a space for the end of the first line it does. The text keeps its length, so that places
// stay; it may change texts that look like this, and is for what cannot be read otherwise.
std::string with_tags_behind_names(std::string text) {
  for (size_t tag = text.find("\n", 0); tag != std::string::npos; tag = text.find("\n", tag + 1)) {
    const size_t word = text.find_first_not_of(" \r\n", tag);
    const size_t name = text.find_last_not_of(" \t\r", tag == 0 ? 0 : tag - 1);
    if (word == std::string::npos || name == std::string::npos || text[word] != '!') continue;
    const std::string_view line = std::string_view(text).substr(word, text.find('\n', word) - word);
    const size_t block = line.find_first_of("|>");
    const bool is_block =
        block != std::string_view::npos && line[block - 1] == ' ' &&
        line.substr(block).find_first_not_of("|>-+0123456789 \r") == std::string_view::npos;
    if (is_block && text[name] == ':') std::fill(text.begin() + tag, text.begin() + word, ' ');
  }
  return text;
}

// Reads `text`, which stands for bytes `base` and following of `source`, byte for byte.
std::expected<Node, Finding> parse_as(const std::shared_ptr<const Source>& source, size_t base,
                                      const std::string& text, YamlUse use,
                                      std::vector<Finding>& findings) {
  std::vector<Finding> said;
  Builder builder(source, base, use, said);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return Node{.origin = {source, base, Style::kPoint}};
    if (builder.failure()) return std::unexpected(*builder.failure());
    Node first = builder.take();
    if (parser.HandleNextDocument(builder)) {
      return std::unexpected(Finding{Finding::Severity::kError, place_at(source, base),
                                     "There are several documents in this file; one is read"});
    }
    std::ranges::move(said, std::back_inserter(findings));
    return first;
  } catch (const YAML::Exception& error) {
    return std::unexpected(syntax_error(source, base, error));
  }
}

// Bytes [begin, end) of a source.
struct Part {
  size_t begin = 0;
  size_t end = 0;
};

std::expected<Node, Finding> parse_part(const std::shared_ptr<const Source>& source, Part part,
                                        YamlUse use, std::vector<Finding>& findings) {
  const std::string text = source->text.substr(part.begin, part.end - part.begin);
  auto read = parse_as(source, part.begin, text, use, findings);
  if (read) return read;
  const std::string other = with_tags_behind_names(text);
  if (other == text) return read;
  auto again = parse_as(source, part.begin, other, use, findings);
  return again || again.error().place.line > read.error().place.line ? again : read;
}

// The members of a block of YAML: each begins with a line that is as little indented as the first.
std::vector<Part> members_of(std::string_view text, Part block) {
  std::vector<Part> members;
  std::optional<size_t> indent;
  for (size_t line = block.begin; line < block.end;) {
    const size_t end = std::min(text.find('\n', line), block.end - 1) + 1;
    const std::string_view written = text.substr(line, end - line);
    const size_t word = written.find_first_not_of(' ');
    const bool empty = word == std::string_view::npos || written[word] == '#' ||
                       written.find_first_not_of(" \t\r\n") == std::string_view::npos;
    const bool marker = written.starts_with("---");
    if (!empty && !marker && (!indent || word <= *indent)) {
      indent = word;
      members.push_back({line, line});
    }
    if (!members.empty()) members.back().end = end;
    line = end;
  }
  return members;
}

// Reads the members of a block one by one; of the top of a template also those of its Resources.
// What of them cannot be read becomes an error among the findings, and is left out.
Node parse_members(const std::shared_ptr<const Source>& source, Part block, bool top,
                   std::vector<Finding>& findings) {
  Node object{.kind = Node::Kind::kObject, .origin = {source, block.begin, Style::kPoint}};
  for (const Part& part : members_of(source->text, block)) {
    std::vector<Finding> said;
    auto read = parse_part(source, part, YamlUse::kTemplate, said);
    const std::string_view text = std::string_view(source->text).substr(part.begin);
    const size_t line_end = text.find('\n') + 1;
    if (!read && top && text.starts_with("Resources:") && line_end != 0) {
      object.names.push_back({"Resources", {source, part.begin, Style::kPlain}});
      object.items.push_back(
          parse_members(source, {part.begin + line_end, part.end}, false, findings));
      continue;
    }
    if (!read) {
      findings.push_back(read.error());
    } else if (read->is_object()) {
      std::ranges::move(said, std::back_inserter(findings));
      std::ranges::move(read->names, std::back_inserter(object.names));
      std::ranges::move(read->items, std::back_inserter(object.items));
    }
  }
  return object;
}

}  // namespace

std::expected<Node, Finding> parse_yaml(const std::shared_ptr<const Source>& source, YamlUse use,
                                        std::vector<Finding>& findings) {
  // The library takes any bytes, and what is made of them would be no JSON.
  if (const size_t at = valid_utf8_prefix(source->text); at < source->text.size())
    return std::unexpected(
        Finding{Finding::Severity::kError, place_at(source, at), "This is no text in UTF-8"});
  return parse_part(source, {0, source->text.size()}, use, findings);
}

std::expected<Node, Finding> parse_template(const std::shared_ptr<const Source>& source,
                                            std::vector<Finding>& findings) {
  const size_t start = source->text.find_first_not_of(" \t\r\n");
  if (start != std::string::npos && source->text[start] == '{') {
    if (auto json = parse_json(source)) return json;
  }
  auto whole = parse_yaml(source, YamlUse::kTemplate, findings);
  if (whole || valid_utf8_prefix(source->text) < source->text.size()) return whole;
  std::vector<Finding> said;
  Node rest = parse_members(source, {0, source->text.size()}, true, said);
  const bool told = std::ranges::any_of(
      said, [](const Finding& one) { return one.severity == Finding::Severity::kError; });
  if (rest.find("Resources") == nullptr) return whole;
  if (!told) findings.push_back(whole.error());
  std::ranges::move(said, std::back_inserter(findings));
  return rest;
}

}  // namespace weft::definitions
