#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "asl/evaluate.h"
#include "asl/query.h"
#include "jsonpath/intrinsic.h"
#include "jsonpath/reference_path.h"
#include "jsonpath/scope.h"
#include "jsonpath/state_path.h"
#include "jsonpath/template.h"

// Internal to src/asl: the fields of JSONPath states (AWS Step Functions developer guide,
// "Processing input and output"; docs/reference/jsonpath.md).

namespace weft::asl {

// What `$` is in a field.
enum class Document : uint8_t {
  kRawInput,     // InputPath
  kInput,        // what InputPath selected
  kResult,       // the state's result, or what InputPath selected where there is none
  kErrorOutput,  // in a catcher
};
Evaluated<json::Value> document_of(Evaluation& data, Document document);

// What paths see of a state visit beside their document.
class DataScope : public jsonpath::Scope {
 public:
  explicit DataScope(Evaluation& data) : data_(data) {}
  json::Value context() override { return data_.context(); }
  json::Value variable(std::string_view name) override { return data_.variable(name); }
  uint64_t random_bits() override { return data_.random_bits(); }

 private:
  Evaluation& data_;
};

// A fault of a JSONPath field: the history has no event of its own for it.
Fault jsonpath_fault(std::string cause, std::string error = "States.Runtime");

// What the languages need of a query and JSONPath fields answer alike.
class JsonPathQuery : public Query {
 public:
  Evaluated<json::Value> fit(Evaluation& data, json::Value value,
                             const Wanted& wanted) const override;
  json::Value known_member(std::string_view name) const override;
  bool may_have_member(std::string_view name) const override;
};

// Parameters, ItemSelector, ResultSelector ...: a payload template.
class PayloadQuery : public JsonPathQuery {
 public:
  PayloadQuery(json::Value source, jsonpath::Template payload, Document document)
      : source_(source), payload_(std::move(payload)), document_(document) {}

  Evaluated<json::Value> evaluate(Evaluation& data) const override;
  void add_variables(std::set<std::string>& names) const override;
  json::Value known_member(std::string_view name) const override;
  bool may_have_member(std::string_view name) const override;

 private:
  json::Value source_;
  jsonpath::Template payload_;
  Document document_;
};

// One member `name.$` of Assign: a template of this member alone, of which the value is taken.
class MemberQuery : public JsonPathQuery {
 public:
  MemberQuery(jsonpath::Template payload, Document document)
      : payload_(std::move(payload)), document_(document) {}

  Evaluated<json::Value> evaluate(Evaluation& data) const override;
  void add_variables(std::set<std::string>& names) const override;

 private:
  jsonpath::Template payload_;
  Document document_;
};

// A field that is one path: InputPath, ItemsPath, SecondsPath ... They differ in what they say when
// the path finds nothing, or nothing of use.
class PathQuery : public JsonPathQuery {
 public:
  enum class Words : uint8_t {
    kPath,
    kSeconds,
    kTimestamp,
    kText,
    kNumber,
    kItems,    // an array
    kEntries,  // an array or an object
  };
  // `field` is the member's name, "SecondsPath".
  PathQuery(jsonpath::StatePath path, std::string field, Words words, Document document)
      : path_(std::move(path)), field_(std::move(field)), words_(words), document_(document) {}

  Evaluated<json::Value> evaluate(Evaluation& data) const override;
  Evaluated<json::Value> fit(Evaluation& data, json::Value value,
                             const Wanted& wanted) const override;
  void add_variables(std::set<std::string>& names) const override;

 private:
  Fault missing(const jsonpath::Failure& failure, const json::Value& document,
                Evaluation& data) const;
  Evaluated<json::Value> fit_seconds(json::Value value) const;
  Evaluated<json::Value> fit_number(json::Value value, const Wanted& wanted) const;

  jsonpath::StatePath path_;
  std::string field_;
  Words words_;
  Document document_;
};

// ErrorPath or CausePath that calls an intrinsic function.
class CallQuery : public JsonPathQuery {
 public:
  explicit CallQuery(jsonpath::Intrinsic call) : call_(std::move(call)) {}

  Evaluated<json::Value> evaluate(Evaluation& data) const override;
  void add_variables(std::set<std::string>& names) const override;

 private:
  jsonpath::Intrinsic call_;
};

// ResultSelector, ResultPath and OutputPath: from a state's result to its output.
class OutputQuery : public JsonPathQuery {
 public:
  struct Parts {
    Document result = Document::kResult;
    std::optional<PayloadQuery> selector;
    bool discard_result = false;                         // "ResultPath": null
    std::optional<jsonpath::ReferencePath> result_path;  // nothing: the result replaces the input
    bool empty_output = false;                           // "OutputPath": null
    std::optional<jsonpath::StatePath> output_path;      // nothing: all
  };
  explicit OutputQuery(Parts parts) : parts_(std::move(parts)) {}

  Evaluated<json::Value> evaluate(Evaluation& data) const override;
  void add_variables(std::set<std::string>& names) const override;

 private:
  Evaluated<json::Value> merged(Evaluation& data) const;

  Parts parts_;
};

}  // namespace weft::asl
